{{/* Names. The longest that is added is "-worker-" and a pool of 20 characters: 62 with these 34. */}}
{{- define "lockstep.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 34 | trimSuffix "-" -}}
{{- end }}

{{- define "lockstep.fullname" -}}
{{- $name := include "lockstep.name" . -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{- .Values.fullnameOverride | default $full | trunc 34 | trimSuffix "-" -}}
{{- end }}

{{- define "lockstep.selectorLabels" -}}
app.kubernetes.io/name: {{ include "lockstep.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- with .pool }}
lockstep.dev/pool: {{ . }}
{{- end }}
{{- end }}

{{/* Labels of every object. */}}
{{- define "lockstep.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/part-of: lockstep
{{ include "lockstep.selectorLabels" . }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Metadata of an object: {root, component, name, pool, labels, annotations}. */}}
{{- define "lockstep.metadata" -}}
name: {{ .name }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- merge (include "lockstep.labels" . | fromYaml) (.labels | default dict) | toYaml | nindent 2 }}
{{- with merge (dict) (.annotations | default dict) .root.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* {root, image} */}}
{{- define "lockstep.image" -}}
{{- $repository := .image.repository -}}
{{- if .root.Values.image.registry -}}{{- $repository = printf "%s/%s" (trimSuffix "/" .root.Values.image.registry) $repository -}}{{- end -}}
{{- if .image.digest -}}
{{- printf "%s@%s" $repository .image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (.image.tag | default .root.Values.image.tag | default .root.Chart.AppVersion) -}}
{{- end -}}
{{- end }}

{{/* {root, secrets} */}}
{{- define "lockstep.pullSecrets" -}}
{{- with concat .root.Values.image.pullSecrets (.secrets | default list) | uniq }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "lockstep.coordinator" -}}{{ include "lockstep.fullname" . }}-coordinator{{- end }}
{{- define "lockstep.nats" -}}{{ include "lockstep.fullname" . }}-nats{{- end }}
{{- define "lockstep.server" -}}{{ include "lockstep.coordinator" . }}.{{ .Release.Namespace }}.svc:7070{{- end }}

{{- define "lockstep.natsUrl" -}}
{{- if eq .Values.nats.mode "external" -}}
{{- required "nats.mode is external: set nats.external.url, e.g. nats://nats.messaging.svc:4222" .Values.nats.external.url -}}
{{- else -}}
nats://{{ include "lockstep.nats" . }}.{{ .Release.Namespace }}.svc:4222
{{- end -}}
{{- end }}

{{/* A pool with what it does not say taken from workerDefaults, as YAML: {root, pool}. */}}
{{- define "lockstep.pool" -}}
{{- mergeOverwrite (deepCopy .root.Values.workerDefaults) (.pool | default dict) | toYaml -}}
{{- end }}

{{/* {path, root: where the listener is the coordinator's, which speaks TLS if it has any} */}}
{{- define "lockstep.httpProbe" -}}
httpGet: { path: {{ .path }}, port: metrics{{ if .root }}{{ if include "lockstep.hasTls" .root }}, scheme: HTTPS{{ end }}{{ end }} }
periodSeconds: 10
timeoutSeconds: 5
{{- end }}
