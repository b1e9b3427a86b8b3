package queue

import (
	"net"
	"strconv"
	"strings"
	"text/template"
)

// NodeConfig is one nats-server of an external cluster, as its configuration file says it.
type NodeConfig struct {
	Name     string   // of this server; unique in the cluster
	Host     string   // where it listens; empty: all addresses
	Port     int      // for servers and workers; 0: 4222
	Peers    []string // host:port where the servers of the cluster reach each other, this one among them
	PeerPort int      // where it hears the others; 0: 6222
	StoreDir string   // JetStream's folder
	Cert     string   // PEM file; its names must hold those that servers, workers and peers use
	Key      string   // PEM file
	CA       string   // PEM file of the authority that signed all of the cluster's certificates

	ServerKeys []string // public keys of the servers of Referent
	IssuerKey  string   // public key that signs who else may connect
}

// String writes the file. What stands in it is not secret.
func (n NodeConfig) String() string {
	if n.Port == 0 {
		n.Port = 4222
	}
	if n.PeerPort == 0 {
		n.PeerPort = 6222
	}
	if n.Host == "" {
		n.Host = "0.0.0.0"
	}
	var b strings.Builder
	// Executing a constant template on a struct, into memory, cannot fail.
	_ = nodeConfig.Execute(&b, n)
	return b.String()
}

// At is the server's address with a port.
func (n NodeConfig) At(port int) string { return net.JoinHostPort(n.Host, strconv.Itoa(port)) }

var nodeConfig = template.Must(template.New("nats").Funcs(template.FuncMap{"account": func() string { return account }}).Parse(`# nats-server {{.Name}}; made by referent nats config. Needs nats-server 2.15 or newer.
server_name: {{printf "%q" .Name}}
listen: {{printf "%q" (.At .Port)}}
max_payload: 1MB
ping_interval: 10s
ping_max: 2
write_deadline: 10s

tls {
  cert_file: {{printf "%q" .Cert}}
  key_file: {{printf "%q" .Key}}
  ca_file: {{printf "%q" .CA}}
  timeout: 5
}

jetstream {
  store_dir: {{printf "%q" .StoreDir}}
  sync_interval: always # what was acknowledged survives a power cut
  max_mem: 64MB
  max_file: 1GB
}

cluster {
  name: referent
  listen: {{printf "%q" (.At .PeerPort)}}
  routes: [{{range $i, $p := .Peers}}{{if $i}}, {{end}}{{printf "%q" (printf "tls://%s" $p)}}{{end}}]
  tls {
    cert_file: {{printf "%q" $.Cert}}
    key_file: {{printf "%q" $.Key}}
    ca_file: {{printf "%q" $.CA}}
    verify: true
    timeout: 5
  }
}

accounts {
  {{account}} {
    jetstream: enabled
    users: [{{range $i, $k := .ServerKeys}}{{if $i}}, {{end}}{ nkey: {{$k}} }{{end}}]
    imports: [{ service: { account: SYS, subject: "$SYS.REQ.SERVER.*.KICK" } }]
  }
  SYS {
    exports: [{ service: "$SYS.REQ.SERVER.*.KICK", accounts: [{{account}}] }]
  }
}
system_account: SYS

# Everybody but the servers is asked about: the servers say who is a worker, and what it may do.
authorization {
  timeout: 6
  auth_callout {
    issuer: {{.IssuerKey}}
    account: {{account}}
    auth_users: [{{range $i, $k := .ServerKeys}}{{if $i}}, {{end}}{{$k}}{{end}}]
  }
}
`))
