// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import { mount } from "svelte";
import "../theme/kern.scss";
import "../theme/fonts.css";
import "../theme/tokens.css";
import "../theme/base.css";
import { i18n } from "../state/i18n.svelte";
import { theme } from "../state/theme.svelte";
import Root from "./Root.svelte";

theme.start();
await i18n.start();
mount(Root, { target: document.body });
