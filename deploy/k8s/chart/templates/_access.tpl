{{/* Whether TLS is spoken, and whether tokens are known: "true" or "". */}}
{{- define "lockstep.hasTls" -}}{{ if ne .Values.tls.mode "none" }}true{{ end }}{{- end }}
{{- define "lockstep.hasTokens" -}}{{ if ne .Values.tokens.mode "none" }}true{{ end }}{{- end }}

{{/* Whether workers have certificates of their own, which the coordinator then knows them by. */}}
{{- define "lockstep.hasWorkerCertificates" -}}
{{- if or (eq .Values.tls.mode "certManager") (and (eq .Values.tls.mode "existing") .Values.tls.existing.workerSecret) }}true{{ end -}}
{{- end }}

{{- define "lockstep.coordinatorTlsSecret" -}}
{{- if eq .Values.tls.mode "existing" -}}
{{- required "tls.mode is existing: set tls.existing.coordinatorSecret to a Secret with tls.crt, tls.key and ca.crt" .Values.tls.existing.coordinatorSecret -}}
{{- else -}}
{{ include "lockstep.coordinator" . }}-tls
{{- end -}}
{{- end }}

{{- define "lockstep.workerTlsSecret" -}}
{{- if eq .Values.tls.mode "existing" -}}{{ .Values.tls.existing.workerSecret }}{{- else -}}{{ include "lockstep.fullname" . }}-worker-tls{{- end -}}
{{- end }}

{{/* Secret that holds a token or the hashes of all: {root, of: tokens | worker | submitter | viewer}. */}}
{{- define "lockstep.tokenSecret" -}}
{{- if eq .root.Values.tokens.mode "existing" -}}
{{- $key := printf "%sSecret" (ternary "coordinator" .of (eq .of "tokens")) -}}
{{- $named := index .root.Values.tokens.existing $key -}}
{{- if has .of (list "tokens" "worker") -}}
{{- required (printf "tokens.mode is existing: set tokens.existing.%s to a Secret with the key %s" $key (ternary "tokens.json" "token" (eq .of "tokens"))) $named -}}
{{- else -}}
{{- $named -}}
{{- end -}}
{{- else -}}
{{- include "lockstep.fullname" .root }}-{{ ternary "tokens" (printf "%s-token" .of) (eq .of "tokens") -}}
{{- end -}}
{{- end }}

{{/* DNS names of the coordinator. */}}
{{- define "lockstep.dnsNames" -}}
{{- $name := include "lockstep.coordinator" . -}}
{{- concat (list $name (printf "%s.%s" $name .Release.Namespace) (printf "%s.%s.svc" $name .Release.Namespace) (printf "%s.%s.svc.%s" $name .Release.Namespace .Values.clusterDomain) "localhost") .Values.tls.dnsNames | toYaml -}}
{{- end }}

{{/* Arguments that open the coordinator's doors. */}}
{{- define "lockstep.coordinatorAccessArgs" -}}
{{- if include "lockstep.hasTls" . }}
- --tls-cert=/etc/lockstep/tls/tls.crt
- --tls-key=/etc/lockstep/tls/tls.key
{{- if include "lockstep.hasWorkerCertificates" . }}
- --tls-client-ca=/etc/lockstep/tls/ca.crt
{{- end }}
{{- end }}
{{- if include "lockstep.hasTokens" . }}
- --tokens=/etc/lockstep/tokens/tokens.json
{{- end }}
{{- if not (and (include "lockstep.hasTls" .) (or (include "lockstep.hasTokens" .) (include "lockstep.hasWorkerCertificates" .))) }}
- --insecure
{{- end }}
{{- end }}

{{- define "lockstep.coordinatorAccessVolumes" -}}
{{- if include "lockstep.hasTls" . }}
- name: tls
  secret: { secretName: {{ include "lockstep.coordinatorTlsSecret" . }}, defaultMode: 0440 }
{{- end }}
{{- if include "lockstep.hasTokens" . }}
- name: tokens
  secret: { secretName: {{ include "lockstep.tokenSecret" (dict "root" . "of" "tokens") }}, defaultMode: 0440 }
{{- end }}
{{- end }}

{{- define "lockstep.coordinatorAccessMounts" -}}
{{- if include "lockstep.hasTls" . }}
- { name: tls, mountPath: /etc/lockstep/tls, readOnly: true }
{{- end }}
{{- if include "lockstep.hasTokens" . }}
- { name: tokens, mountPath: /etc/lockstep/tokens, readOnly: true }
{{- end }}
{{- end }}

{{/* Arguments of whoever dials the coordinator: {root, of: worker | submitter}. */}}
{{- define "lockstep.clientAccessArgs" -}}
{{- if include "lockstep.hasTls" .root }}
- --tls-ca=/etc/lockstep/tls/ca.crt
{{- if and (eq .of "worker") (include "lockstep.hasWorkerCertificates" .root) }}
- --tls-cert=/etc/lockstep/tls/tls.crt
- --tls-key=/etc/lockstep/tls/tls.key
{{- end }}
{{- end }}
{{- if include "lockstep.showsToken" . }}
- --token-file=/etc/lockstep/token/token
{{- end }}
{{- end }}

{{/* Whether a client shows a token: a worker with a certificate needs none. */}}
{{- define "lockstep.showsToken" -}}
{{- $knownOtherwise := and (eq .of "worker") (include "lockstep.hasWorkerCertificates" .root) -}}
{{- if and (include "lockstep.hasTokens" .root) (not $knownOtherwise) (include "lockstep.tokenSecret" .) }}true{{ end -}}
{{- end }}

{{- define "lockstep.clientAccessVolumes" -}}
{{- if include "lockstep.hasTls" .root }}
- name: tls
  secret:
    {{- if and (eq .of "worker") (include "lockstep.hasWorkerCertificates" .root) }}
    secretName: {{ include "lockstep.workerTlsSecret" .root }}
    {{- else }}
    secretName: {{ include "lockstep.coordinatorTlsSecret" .root }}
    items: [{ key: ca.crt, path: ca.crt }]
    {{- end }}
    defaultMode: 0440
{{- end }}
{{- if include "lockstep.showsToken" . }}
- name: token
  secret: { secretName: {{ include "lockstep.tokenSecret" . }}, defaultMode: 0440 }
{{- end }}
{{- end }}

{{- define "lockstep.clientAccessMounts" -}}
{{- if include "lockstep.hasTls" .root }}
- { name: tls, mountPath: /etc/lockstep/tls, readOnly: true }
{{- end }}
{{- if include "lockstep.showsToken" . }}
- { name: token, mountPath: /etc/lockstep/token, readOnly: true }
{{- end }}
{{- end }}
