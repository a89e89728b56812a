{{- /*
SPDX-FileCopyrightText: Fachwerk contributors
SPDX-License-Identifier: EUPL-1.2

The settings of each process. tests/deploy reads them as the processes do: a name that they do not know fails there.
*/ -}}

{{- define "fachwerk.trust" -}}
{{- if .root.Values.trust.configMap -}} /etc/fachwerk/trust/ca.crt {{- else -}} /etc/ssl/certs/ca-certificates.crt {{- end -}}
{{- end }}

{{- define "fachwerk.environment.database" -}}
{{- $database := .root.Values.database -}}
- {name: FACHWERK_DATABASE_URL, value: "postgresql+asyncpg://{{ $database.user }}@{{ $database.host }}:{{ $database.port }}/{{ $database.name }}"}
- {name: FACHWERK_DATABASE_PASSWORD_FILE, value: /run/secrets/fachwerk/database.password}
# read by PostgreSQL's client: TLS, and the server is who it says it is
- {name: PGSSLMODE, value: verify-full}
- {name: PGSSLROOTCERT, value: {{ include "fachwerk.trust" . }}}
{{- end }}

{{- define "fachwerk.environment.server.own" -}}
{{- $values := .root.Values -}}
{{- $release := .root.Release.Name -}}
{{ include "fachwerk.environment.database" . }}
- {name: FACHWERK_ABOUT__MINISTRY, value: {{ $values.ministry | quote }}}
- {name: FACHWERK_HTTP__HOST, value: {{ $values.listen | quote }}}
- {name: FACHWERK_HTTP__PORT, value: "8480"}
- {name: FACHWERK_HTTP__ORIGIN, value: "https://{{ $values.host }}"}
- {name: FACHWERK_HTTP__WEB_DIR, value: /app/web}
- {name: FACHWERK_OPERATIONS__HOST, value: {{ $values.listen | quote }}}
- {name: FACHWERK_OPERATIONS__PORT, value: "8481"}
- {name: FACHWERK_IDENTITY__PROVIDER, value: oidc}
- {name: FACHWERK_IDENTITY__ISSUER, value: {{ $values.login.issuer | quote }}}
- {name: FACHWERK_IDENTITY__CLIENT_ID, value: {{ $values.login.clientId | quote }}}
- {name: FACHWERK_IDENTITY__CLIENT_SECRET_FILE, value: /run/secrets/fachwerk/login.secret}
{{- if $values.login.directory }}
- {name: FACHWERK_IDENTITY__ADMIN_CLIENT_ID, value: {{ $values.login.directoryClientId | quote }}}
- {name: FACHWERK_IDENTITY__ADMIN_CLIENT_SECRET_FILE, value: /run/secrets/fachwerk/directory.secret}
{{- end }}
{{- if $values.login.organisation }}
- {name: FACHWERK_IDENTITY__ORG_CLIENT_ID, value: {{ $values.login.organisationClientId | quote }}}
- {name: FACHWERK_IDENTITY__ORG_CLIENT_SECRET_FILE, value: /run/secrets/fachwerk/organisation.secret}
{{- end }}
{{- with $values.login.acr }}
- {name: FACHWERK_IDENTITY__ACR, value: {{ . | quote }}}
{{- end }}
- {name: FACHWERK_FILES__STORE, value: s3}
- {name: FACHWERK_FILES__MASTER_KEY_FILE, value: /run/secrets/fachwerk/master.key}
- {name: FACHWERK_FILES__S3__ENDPOINT, value: {{ $values.objectStore.endpoint | quote }}}
- {name: FACHWERK_FILES__S3__BUCKET, value: {{ $values.objectStore.bucket | quote }}}
- {name: FACHWERK_FILES__S3__REGION, value: {{ $values.objectStore.region | quote }}}
- {name: FACHWERK_FILES__S3__ACCESS_KEY_FILE, value: /run/secrets/fachwerk/objects.access-key}
- {name: FACHWERK_FILES__S3__SECRET_KEY_FILE, value: /run/secrets/fachwerk/objects.secret-key}
{{- if not (hasKey $values.settings "FACHWERK_FILES__S3__PARTS_IN_MEMORY") }}
# parts of 8 MiB: so many fit into the memory that a pod is given, beside everything else
- {name: FACHWERK_FILES__S3__PARTS_IN_MEMORY, value: "48"}
{{- end }}
- {name: FACHWERK_CALLS__URL, value: "wss://{{ $values.host }}"}
- {name: FACHWERK_CALLS__API_URL, value: "http://{{ $release }}-media:7880"}
- {name: FACHWERK_CALLS__API_SECRET_FILE, value: /run/secrets/fachwerk/media.secret}
{{- with $values.bus.url }}
- {name: FACHWERK_BUS__URL, value: {{ . | quote }}}
{{- with $values.bus.user }}
- {name: FACHWERK_BUS__USER, value: {{ . | quote }}}
- {name: FACHWERK_BUS__PASSWORD_FILE, value: /run/secrets/fachwerk/bus.password}
{{- end }}
{{- if $values.trust.configMap }}
- {name: FACHWERK_BUS__CA_FILE, value: {{ include "fachwerk.trust" $ }}}
{{- end }}
{{- end }}
{{- with $values.federation.serverName }}
- {name: FACHWERK_FEDERATION__SERVER_NAME, value: {{ . | quote }}}
- {name: FACHWERK_FEDERATION__TOKEN_FILE, value: /run/secrets/fachwerk/federation.token}
- {name: FACHWERK_FEDERATION__PEERS, value: {{ $values.federation.peers | toJson | quote }}}
{{- end }}
{{- if $values.scim.enabled }}
- {name: FACHWERK_SCIM__TOKEN_FILE, value: /run/secrets/fachwerk/scim.token}
{{- if $values.scim.departments }}
- {name: FACHWERK_IDENTITY__DEPARTMENTS, value: scim}
{{- end }}
{{- end }}
{{- if eq .component "api" }}
- {name: FACHWERK_OPERATIONS__DRAIN_DELAY_S, value: {{ $values.api.drainDelaySeconds | quote }}}
- {name: FACHWERK_OPERATIONS__DRAIN_WINDOW_S, value: {{ $values.api.drainWindowSeconds | quote }}}
{{- with $values.exposure.proxies }}
- {name: FORWARDED_ALLOW_IPS, value: {{ join "," . | quote }}}
{{- end }}
{{- end }}
{{- if $values.trust.configMap }}
- {name: FACHWERK_FILES__S3__CA_FILE, value: {{ include "fachwerk.trust" . }}}
- {name: SSL_CERT_FILE, value: {{ include "fachwerk.trust" . }}}
- {name: REQUESTS_CA_BUNDLE, value: {{ include "fachwerk.trust" . }}}
{{- end }}
{{- end }}

{{- define "fachwerk.environment.server" -}}
{{- $own := include "fachwerk.environment.server.own" . -}}
{{ $own }}
{{- range $name, $value := .root.Values.settings }}
{{- if contains (printf "{name: %s," $name) $own }}
{{- fail (printf "settings.%s: the chart sets this already, from a value of its own" $name) }}
{{- end }}
- {name: {{ $name }}, value: {{ $value | quote }}}
{{- end }}
{{- end }}

{{- define "fachwerk.environment.bridge" -}}
{{- $values := .root.Values -}}
{{- $release := .root.Release.Name -}}
- {name: FACHWERK_BRIDGE_SERVER_NAME, value: {{ required "federation.serverName: a bridge needs the name of our Matrix server" $values.federation.serverName | quote }}}
- {name: FACHWERK_BRIDGE_HOMESERVER_URL, value: {{ $values.bridge.homeserver | quote }}}
- {name: FACHWERK_BRIDGE_FACHWERK_URL, value: "http://{{ $release }}-api:8480"}
- {name: FACHWERK_BRIDGE_TOKEN_FILE, value: /run/secrets/fachwerk/federation.token}
- {name: FACHWERK_BRIDGE_AS_TOKEN_FILE, value: /run/secrets/fachwerk/bridge.as-token}
- {name: FACHWERK_BRIDGE_HS_TOKEN_FILE, value: /run/secrets/fachwerk/bridge.hs-token}
- {name: FACHWERK_BRIDGE_URL, value: "http://{{ $release }}-bridge.{{ .root.Release.Namespace }}.svc:8490"}
- {name: FACHWERK_BRIDGE_HOST, value: {{ $values.listen | quote }}}
- {name: FACHWERK_BRIDGE_PORT, value: "8490"}
- {name: FACHWERK_BRIDGE_DATABASE_URL, value: "sqlite+aiosqlite:////tmp/bridge.db"}
{{- if $values.trust.configMap }}
- {name: SSL_CERT_FILE, value: {{ include "fachwerk.trust" . }}}
{{- end }}
{{- end }}

{{- define "fachwerk.environment.media" -}}
{{- $media := .root.Values.media -}}
{{- if $media.addresses }}
- {name: FACHWERK_MEDIA_ANNOUNCED, value: {{ join "," $media.addresses | quote }}}
{{- else }}
- {name: FACHWERK_MEDIA_ANNOUNCED, valueFrom: {fieldRef: {fieldPath: status.hostIP}}}
{{- end }}
- {name: FACHWERK_MEDIA_HOST, value: {{ .root.Values.listen | quote }}}
- {name: FACHWERK_MEDIA_PORT, value: "7880"}
# the same number inside and outside: it is told to browsers
- {name: FACHWERK_MEDIA_UDP_PORT, value: {{ $media.udpPort | quote }}}
- {name: FACHWERK_MEDIA_TCP_PORT, value: {{ $media.tcpPort | quote }}}
- {name: FACHWERK_MEDIA_API_SECRET_FILE, value: /run/secrets/fachwerk/media.secret}
- {name: FACHWERK_MEDIA_ORIGINS, value: "https://{{ .root.Values.host }}"}
- {name: FACHWERK_MEDIA_WEBHOOK_URL, value: "http://{{ .root.Release.Name }}-api:8480/api/v1/calls/webhook"}
- {name: FACHWERK_MEDIA_LEAVE_S, value: {{ $media.leaveSeconds | quote }}}
{{- end }}
