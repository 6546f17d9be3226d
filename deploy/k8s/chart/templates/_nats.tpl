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
{{- end }}
