{{/* What `lockstep up` gives its own nats-server, and where it listens in a cluster. */}}
{{- define "lockstep.natsConfig" -}}
server_name: {{ include "lockstep.nats" . }}
listen: 0.0.0.0:4222
http: 0.0.0.0:8222
max_payload: 8MB
max_pending: 256MB
jetstream {
  store_dir: /var/lib/nats
  sync_interval: always
}
{{- if include "lockstep.natsTlsSecret" . }}
tls {
  cert_file: /etc/lockstep/nats-tls/tls.crt
  key_file: /etc/lockstep/nats-tls/tls.key
}
{{- end }}
{{- if include "lockstep.natsAccountSecret" . }}
# /var/lib/nats/account.conf, which `lockstep nats-config` writes before each start.
include ../../var/lib/nats/account.conf
{{- end }}
{{- end }}

{{/* Secret of the built-in server's certificate; "" where it has none. */}}
{{- define "lockstep.natsTlsSecret" -}}
{{- if and (eq .Values.nats.mode "builtin") (include "lockstep.hasTls" .) -}}
{{- if eq .Values.tls.mode "existing" -}}{{ .Values.tls.existing.natsSecret }}{{- else -}}{{ include "lockstep.nats" . }}-tls{{- end -}}
{{- end -}}
{{- end }}

{{/* Secret of the key that makes users of NATS; "" where nobody makes any. */}}
{{- define "lockstep.natsAccountSecret" -}}
{{- if eq .Values.nats.mode "external" -}}
{{- .Values.nats.external.accountKeySecret -}}
{{- else if eq .Values.nats.auth.mode "existing" -}}
{{- required "nats.auth.mode is existing: set nats.auth.accountKeySecret to a Secret with the key account.key" .Values.nats.auth.accountKeySecret -}}
{{- else if eq .Values.nats.auth.mode "generated" -}}
{{ include "lockstep.nats" . }}-account
{{- end -}}
{{- end }}

{{/* What a pod logs in to NATS with: {root, of: coordinator | worker}, as YAML with args, mounts and volumes. */}}
{{- define "lockstep.natsAccess" -}}
{{- $external := .root.Values.nats.external -}}
{{- $args := list -}}
{{- $secrets := list -}}
{{- $isExternal := eq .root.Values.nats.mode "external" -}}
{{- if eq .of "coordinator" -}}
{{- with include "lockstep.natsAccountSecret" .root -}}
{{- $args = append $args "--nats-account-key=/etc/lockstep/nats-account/account.key" -}}
{{- $secrets = append $secrets (dict "name" "nats-account" "secret" . "key" "account.key") -}}
{{- end -}}
{{- $ca := $isExternal | ternary $external.caSecret (include "lockstep.natsTlsSecret" .root) -}}
{{- if $ca -}}
{{- $args = append $args "--nats-tls-ca=/etc/lockstep/nats-tls/ca.crt" -}}
{{- $secrets = append $secrets (dict "name" "nats-tls" "secret" $ca "key" "ca.crt") -}}
{{- end -}}
{{- end -}}
{{- if $isExternal -}}
{{- $login := index $external .of -}}
{{- with $login.credsSecret -}}
{{- $args = append $args "--nats-creds=/etc/lockstep/nats-creds/user.creds" -}}
{{- $secrets = append $secrets (dict "name" "nats-creds" "secret" . "key" "user.creds") -}}
{{- end -}}
{{- with $login.passwordSecret -}}
{{- $args = concat $args (list (printf "--nats-user=%s" $login.user) "--nats-password-file=/etc/lockstep/nats-password/password") -}}
{{- $secrets = append $secrets (dict "name" "nats-password" "secret" . "key" "password") -}}
{{- end -}}
{{- end -}}
{{- $mounts := list -}}
{{- $volumes := list -}}
{{- range $secrets -}}
{{- $mounts = append $mounts (dict "name" .name "mountPath" (printf "/etc/lockstep/%s" .name) "readOnly" true) -}}
{{- $volumes = append $volumes (dict "name" .name "secret" (dict "secretName" .secret "items" (list (dict "key" .key "path" .key)) "defaultMode" 288)) -}}
{{- end -}}
{{- dict "args" $args "mounts" $mounts "volumes" $volumes | toYaml -}}
{{- end }}

{{/* One part of it, as lines of a list: {root, of, part: args | mounts | volumes}. */}}
{{- define "lockstep.natsAccessPart" -}}
{{- with index (include "lockstep.natsAccess" . | fromYaml) .part -}}{{ toYaml . }}{{- end -}}
{{- end }}

{{/* DNS names of the built-in server. */}}
{{- define "lockstep.natsDnsNames" -}}
{{- $name := include "lockstep.nats" . -}}
{{- list $name (printf "%s.%s" $name .Release.Namespace) (printf "%s.%s.svc" $name .Release.Namespace) (printf "%s.%s.svc.%s" $name .Release.Namespace .Values.clusterDomain) | toYaml -}}
{{- end }}
