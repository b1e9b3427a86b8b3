package chaos

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/minio/minio-go/v7"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/referent/referent/queue"
	"github.com/referent/referent/queue/natstest"
	"github.com/referent/referent/store/blob/s3"
	"github.com/referent/referent/store/blob/s3/s3test"
	"github.com/referent/referent/store/postgres/pgtest"
)

// cluster is a world of many machines, in processes of one: two servers behind a balancer, over PostgreSQL, an object store
// and three nats-servers, and enrolled workers. The program is the same, only the configuration is another.
type cluster struct {
	*world
	front   *balancer
	pg      *pgtest.Server
	objects *s3test.Server
	nodes   []*process
	logs    []string // of the servers, each its own
	nc      *nats.Conn
}

// newCluster starts it, with so many workers.
func newCluster(t *testing.T, workers int) *cluster {
	t.Helper()
	c := &cluster{pg: pgtest.Own(t), objects: s3test.Start(t, true)}
	c.world = emptyWorld(t, t.TempDir(), nil)
	ports := natstest.Ports(t, 2)
	servers := []string{fmt.Sprint("127.0.0.1:", ports[0]), fmt.Sprint("127.0.0.1:", ports[1])}
	c.front = newBalancer(t, servers...)
	c.url = c.front.address()

	ca, natsServer := natstest.NewAuthority(t), natstest.Program(t)
	var urls []string
	for _, n := range natstest.Nodes(t, 3, ca) {
		conf := filepath.Join(t.TempDir(), "nats.conf")
		if err := os.WriteFile(conf, []byte(c.run(append(n.Args, "--data-dir", c.data)...)), 0o600); err != nil {
			t.Fatal(err)
		}
		c.nodes = append(c.nodes, c.keep(&process{name: n.Name, pause: 200 * time.Millisecond, log: c.logFile(n.Name), make: func() *exec.Cmd {
			return exec.Command(natsServer, "-c", conf)
		}}))
		urls = append(urls, n.URL)
	}
	c.others = c.nodes

	bucket := c.objects.Config(t)
	settings := filepath.Join(c.dir, "referent.yaml")
	if err := os.WriteFile(settings, fmt.Appendf(nil, `public_url: http://%s
trusted_proxies: [127.0.0.1]
database: {url: %q, password_file: %q}
blobs: {endpoint: %q, bucket: %q, prefix: %q, region: %q, addressing: %s, ca: %q, access_key: %q, secret_key_file: %q}
nats: {url: %q, ca: %q, replicas: 3}
`, c.url, c.pg.TCP(c.pg.Address("referent")), c.secret("database", pgtest.Password), bucket.Endpoint, bucket.Bucket, bucket.Prefix, bucket.Region, bucket.Addressing, bucket.CA, bucket.AccessKey, c.secret("objects", bucket.SecretKey),
		strings.Join(urls, ","), ca.Path), 0o600); err != nil {
		t.Fatal(err)
	}
	c.files = func(meeting string) []string { return c.objects.Files(bucket.Bucket, meeting) }
	c.damaged = func() []string { return damagedObjects(t, c.objects, bucket) }

	for i, address := range servers {
		data := c.data
		if i > 0 { // the second gets the keys that the first has made
			data = filepath.Join(c.dir, "data"+strconv.Itoa(i+1))
			c.copyKeys(data)
		}
		name := "server" + strconv.Itoa(i+1)
		log := c.logFile(name)
		c.logs = append(c.logs, log.Name())
		c.servers = append(c.servers, c.keep(&process{name: name, pause: 100 * time.Millisecond, log: log, heard: c.told(data), make: func() *exec.Cmd {
			return exec.Command(program, "serve", "--json", "--config", settings, "--data-dir", data, "--listen", address, "--workers", "0", "--log-level", "info")
		}}))
		c.until(2*time.Minute, name+" is ready", func() bool { return c.front.readyNow() == i+1 })
	}
	for i := range workers {
		var made struct{ Token string }
		label := "maskin " + strconv.Itoa(i+1)
		if err := json.Unmarshal([]byte(c.run("workers", "enrol-token", "--json", "--label", label, "--data-dir", c.data)), &made); err != nil {
			t.Fatal(err)
		}
		dir := filepath.Join(c.dir, "worker"+strconv.Itoa(i+1))
		c.run("worker", "enrol", "--server", "http://"+c.url, "--token", made.Token, "--dir", dir)
		c.far = append(c.far, c.keep(&process{name: "worker", pause: 200 * time.Millisecond, make: func() *exec.Cmd {
			return exec.Command(program, "worker", "--dir", dir, "--threads", "1", "--log-level", "warn")
		}}))
	}
	keys, err := queue.LoadKeys(filepath.Join(c.data, "keys"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := nats.NkeyOptionFromSeed(keys.ServerSeed)
	if err == nil {
		c.nc, err = nats.Connect(strings.Join(urls, ","), key, nats.RootCAs(ca.Path), nats.MaxReconnects(-1), nats.ReconnectWait(200*time.Millisecond), nats.Name("chaos"))
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.nc.Close)
	return c
}

// run is what a person does at the command line.
func (c *cluster) run(args ...string) string {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = c.environ()
	out, err := cmd.Output()
	if err != nil {
		var told []byte
		if x, ok := err.(*exec.ExitError); ok {
			told = x.Stderr
		}
		c.t.Fatalf("referent %s: %v\n%s%s", strings.Join(args[:2], " "), err, out, told)
	}
	return string(out)
}

// secret is a file with one.
func (c *cluster) secret(name, value string) string {
	c.t.Helper()
	path := filepath.Join(c.dir, name+".secret")
	if err := os.WriteFile(path, []byte(value), 0o600); err != nil {
		c.t.Fatal(err)
	}
	return path
}

// logFile is a log beside that of the world.
func (c *cluster) logFile(name string) *os.File {
	c.t.Helper()
	f, err := os.Create(strings.TrimSuffix(c.log.Name(), ".log") + "-" + name + ".log")
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { _ = f.Close() })
	return f
}

// copyKeys does what docs/servers.md tells an operator: all of the folder but what is each server's own.
func (c *cluster) copyKeys(to string) {
	c.t.Helper()
	from, into := filepath.Join(c.data, "keys"), filepath.Join(to, "keys")
	names, err := os.ReadDir(from)
	if err == nil {
		err = os.MkdirAll(into, 0o700)
	}
	for _, name := range names {
		if err != nil || slices.Contains([]string{"worker.nk", "local.json"}, name.Name()) {
			continue
		}
		var key []byte
		if key, err = os.ReadFile(filepath.Join(from, name.Name())); err == nil {
			err = os.WriteFile(filepath.Join(into, name.Name()), key, 0o600)
		}
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

// leading is the server that has the lead in the database; the other is other. nil, nil: nobody is known to.
func (c *cluster) leading() (leader, other *process) {
	ctx, cancel := context.WithTimeout(c.t.Context(), 5*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, c.pg.Address("referent")+"&sslmode=disable")
	if err != nil {
		return nil, nil
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var holder string
	if conn.QueryRow(ctx, `SELECT holder FROM duties WHERE name = 'lead'`).Scan(&holder) != nil || holder == "" {
		return nil, nil
	}
	for i, path := range c.logs { // the name of a start stands nowhere else
		text, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(text), "server="+holder+" leads=true") {
			return c.servers[i], c.servers[1-i]
		}
	}
	return nil, nil
}

// leaderOf is the nats-server that leads a stream, or its consumer when one is named; nil: nobody is known to.
func (c *cluster) leaderOf(stream, consumer string) *process {
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Second)
	defer cancel()
	js, err := jetstream.New(c.nc)
	if err != nil {
		c.t.Fatal(err)
	}
	var info *jetstream.ClusterInfo
	if consumer == "" {
		if s, err := js.Stream(ctx, stream); err == nil {
			info = s.CachedInfo().Cluster
		}
	} else if x, err := js.Consumer(ctx, stream, consumer); err == nil {
		info = x.CachedInfo().Cluster
	}
	if info == nil {
		return nil
	}
	i := slices.IndexFunc(c.nodes, func(p *process) bool { return p.name == info.Leader })
	if i < 0 {
		return nil
	}
	return c.nodes[i]
}

// whole reports whether all three have all of a stream.
func (c *cluster) whole(stream string) bool {
	ctx, cancel := context.WithTimeout(c.t.Context(), 3*time.Second)
	defer cancel()
	js, err := jetstream.New(c.nc)
	if err != nil {
		c.t.Fatal(err)
	}
	s, err := js.Stream(ctx, stream)
	if err != nil || s.CachedInfo().Cluster == nil {
		return false
	}
	info := s.CachedInfo().Cluster
	return info.Leader != "" && len(info.Replicas) == 2 && !slices.ContainsFunc(info.Replicas, func(r *jetstream.PeerInfo) bool { return !r.Current || r.Offline })
}

// damagedObjects are the objects whose bytes are not those that their keys are the hash of.
func damagedObjects(t *testing.T, server *s3test.Server, bucket s3.Config) (bad []string) {
	client := server.Client(t)
	looked := 0
	for o := range client.Client.ListObjects(t.Context(), bucket.Bucket, minio.ListObjectsOptions{Prefix: bucket.Prefix, Recursive: true}) {
		if o.Err != nil {
			return append(bad, "the objects cannot be listed: "+o.Err.Error())
		}
		if strings.HasPrefix(o.Key, bucket.Prefix+".") { // marks of what was erased
			continue
		}
		body, _, _, err := client.GetObject(t.Context(), bucket.Bucket, o.Key, minio.GetObjectOptions{})
		if minio.ToErrorResponse(err).Code == minio.NoSuchKey { // erased meanwhile
			continue
		}
		h := sha256.New()
		if err == nil {
			_, err = io.Copy(h, body)
			body.Close()
		}
		if err != nil || hex.EncodeToString(h.Sum(nil)) != path.Base(o.Key) {
			bad = append(bad, "object "+path.Base(o.Key))
		}
		looked++
	}
	if looked == 0 {
		bad = append(bad, "there are no objects")
	}
	return bad
}
