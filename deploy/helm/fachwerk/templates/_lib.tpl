{{- /*
SPDX-FileCopyrightText: Fachwerk contributors
SPDX-License-Identifier: EUPL-1.2

What the objects share. Each takes a dict: root (the chart's own context), component (api, worker, ...).
*/ -}}

{{- define "fachwerk.selector" -}}
app.kubernetes.io/name: fachwerk
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "fachwerk.labels" -}}
{{ include "fachwerk.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- end }}

{{- define "fachwerk.metadata" -}}
name: {{ .root.Release.Name }}-{{ .name | default .component }}
namespace: {{ .root.Release.Namespace }}
labels: {{- include "fachwerk.labels" . | nindent 2 }}
{{- end }}

{{- define "fachwerk.image" -}}
{{- $image := get .root.Values.images .image -}}
{{ printf "%s/%s:%s@%s" .root.Values.images.registry $image.repository $image.tag $image.digest | quote }}
{{- end }}

{{- /* The account of a component: it exists so that nobody uses the namespace's, and may do nothing. */ -}}
{{- define "fachwerk.account" -}}
apiVersion: v1
kind: ServiceAccount
metadata: {{- include "fachwerk.metadata" . | nindent 2 }}
automountServiceAccountToken: false
{{- end }}

{{- /* A pod. More of the dict: image, args, environment (a template), files (keys of the Secret), grace (seconds),
       command (instead of the image's own), ports and probes (text), settings (nodeSelector, tolerations, resources), once (runs to its end). */ -}}
{{- define "fachwerk.pod" -}}
{{- $values := .root.Values -}}
serviceAccountName: {{ .root.Release.Name }}-{{ .component }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- if $values.userNamespaces }}
hostUsers: false
{{- end }}
terminationGracePeriodSeconds: {{ .grace }}
{{- with $values.images.pullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  {{- if not $values.openshift }}
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  {{- end }}
  seccompProfile: {type: RuntimeDefault}
{{- with .settings.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .settings.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- if .once }}
restartPolicy: OnFailure
{{- else }}
topologySpreadConstraints:
  {{- range $key := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ $key }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "fachwerk.selector" $ | nindent 8 }}
    # the pods that an upgrade replaces do not count: they are gone afterwards
    matchLabelKeys: [pod-template-hash]
  {{- end }}
{{- end }}
containers:
  - name: {{ .component }}
    image: {{ include "fachwerk.image" . }}
    imagePullPolicy: {{ $values.images.pullPolicy }}
    {{- with .command }}
    command: {{ toJson . }}
    {{- end }}
    {{- with .args }}
    args: {{ toJson . }}
    {{- end }}
    env: {{- include .environment . | nindent 6 }}
    {{- with .ports }}
    ports: {{- . | nindent 6 }}
    {{- end }}
    {{- with .probes }}
    {{- . | nindent 4 }}
    {{- end }}
    resources: {{- toYaml .settings.resources | nindent 6 }}
    securityContext:
      allowPrivilegeEscalation: false
      privileged: false
      readOnlyRootFilesystem: true
      runAsNonRoot: true
      capabilities: {drop: [ALL]}
      seccompProfile: {type: RuntimeDefault}
    volumeMounts:
      - {name: secrets, mountPath: /run/secrets/fachwerk, readOnly: true}
      - {name: tmp, mountPath: /tmp}
      {{- if $values.trust.configMap }}
      - {name: trust, mountPath: /etc/fachwerk/trust, readOnly: true}
      {{- end }}
volumes:
  - name: secrets
    secret:
      secretName: {{ $values.secretName }}
      defaultMode: 0440
      items:
        {{- range .files }}
        - {key: {{ . }}, path: {{ . }}}
        {{- end }}
  - {name: tmp, emptyDir: {medium: Memory, sizeLimit: 128Mi}}
  {{- if $values.trust.configMap }}
  - {name: trust, configMap: {name: {{ $values.trust.configMap }}}}
  {{- end }}
{{- end }}

{{- /* Started, alive, ready. port: name of the port that answers. startup: how long it may take. */ -}}
{{- define "fachwerk.probes" -}}
startupProbe: {httpGet: {path: /healthz, port: {{ .port }}}, periodSeconds: 2, timeoutSeconds: 3, failureThreshold: 60}
livenessProbe: {httpGet: {path: /healthz, port: {{ .port }}}, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6}
readinessProbe: {httpGet: {path: /readyz, port: {{ .port }}}, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 2}
{{- end }}
