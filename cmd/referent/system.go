package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/nats-io/nats.go"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/referent/referent"
	"github.com/referent/referent/configs"
	"github.com/referent/referent/export"
	"github.com/referent/referent/failpoint"
	"github.com/referent/referent/models"
	"github.com/referent/referent/openid"
	"github.com/referent/referent/pipeline"
	"github.com/referent/referent/store"
	"github.com/referent/referent/store/blob"
	"github.com/referent/referent/templates"
	"github.com/referent/referent/transcribe"
	"github.com/referent/referent/web"
	"github.com/referent/referent/web/look"
)

// system is everything that runs on one machine: store, queue, pipeline, web server and local workers.
// `serve` runs it until told to stop, `process` for as long as its own jobs last.
type system struct {
	cfg configs.Config
	dir dataDir
	log *slog.Logger

	lock     *flock.Flock
	store    store.Store
	id       string       // of this start, among several servers; "": it is alone
	place    string       // of its folder among those of several servers; "": it is alone
	lost     <-chan error // the database, to another server
	blobs    bucket
	nats     natsServer
	conn     *nats.Conn
	pipeline *pipeline.Pipeline
	web      *web.Server
	listener net.Listener
	url      string
	token    string // for this machine's own command line
	render   export.Renderer
	setupURL string               // where the first administrator is made; "" when there is one
	shown    *prometheus.GaugeVec // when the certificates that the server shows expire
}

// openSystem starts the parts that must be there before any work, in the order in which they depend on
// one another. On an error everything started is stopped again.
func openSystem(ctx context.Context, cfg configs.Config, log *slog.Logger) (_ *system, err error) {
	s := &system{cfg: cfg, dir: dataDir(cfg.DataDir), log: log, shown: newCertificateGauge()}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.lock, err = s.dir.open(); err != nil {
		return nil, err
	}
	if s.store, err = openStore(ctx, cfg, s.dir); err != nil {
		return nil, err
	}
	if several(cfg) {
		if s.place, err = s.dir.place(); err != nil {
			return nil, err
		}
		s.id = token(16)
	}
	if s.lost, err = takeDatabase(ctx, s.store, several(cfg)); err != nil {
		return nil, err
	}
	if err := restoreIsOver(ctx, s.store); err != nil {
		return nil, err
	}
	keyring, err := openKeyring(ctx, s.dir, s.store)
	if err != nil {
		return nil, err
	}
	if s.blobs, err = openBlobs(ctx, s.dir, cfg.Blobs, log); err != nil {
		return nil, err
	}
	q, ownKey, err := s.openQueue(ctx)
	if err != nil {
		return nil, err
	}
	catalogue, err := templates.Load(cfg.TemplatesDir)
	if err != nil {
		return nil, err
	}
	if s.render.Brand, err = export.LoadBrand(cfg.Brand.Name, cfg.Brand.Logo); err != nil {
		return nil, err
	}
	s.render.Templates, s.render.Version = catalogue, version
	registry := prometheus.NewRegistry()
	registry.MustRegister(append(machineCollectors(cfg.DataDir), s.shown)...)
	rules := cfg.Retention.Rules()
	for kind := range rules.Kinds {
		if catalogue.Find(kind) == nil {
			return nil, referent.E(referent.CodeConfig, "referent: read retention.kinds", fmt.Errorf("there is no kind of document %q", kind))
		}
	}
	if s.pipeline, err = pipeline.New(pipeline.Config{
		Store: s.store, Vault: blob.NewVault(s.blobs, keyring), Queue: q, Conn: s.conn, Log: log, Now: failpoint.Now,
		Server: s.id, OwnKey: ownKey, Disconnect: s.nats.Disconnect,
		Assemble: transcribe.Assemble, Models: modelSource{models.Open(cfg.ModelsDir)}, Metrics: registry,
		Model: cfg.Model, Spoken: cfg.Spoken, Language: referent.Language(cfg.Language), Vocabulary: cfg.Vocabulary, Endpoint: endpoint(cfg.LLM), Templates: catalogue, MustTell: cfg.MustTell,
		MaxDuration: cfg.MaxDuration.Seconds(), MaxUpload: cfg.MaxUpload, UploadTTL: cfg.UploadTTL, Retention: &rules, ReadingsKept: cfg.Retention.AccessLog(),
	}); err != nil {
		return nil, err
	}
	return s, s.openWeb(ctx, registry)
}

func (s *system) openWeb(ctx context.Context, metrics *prometheus.Registry) (err error) {
	const op = "referent: open web server"
	if s.listener, err = net.Listen("tcp", s.cfg.Listen); err != nil {
		return referent.E(referent.CodeConfig, op, err).WithHint("choose another address with --listen; port 0 takes any free one")
	}
	scheme := "http"
	if s.cfg.TLSCert != "" {
		certs, err := s.serverTLS("web", s.cfg.TLSCert, s.cfg.TLSKey)
		if err != nil {
			return err
		}
		s.listener = tls.NewListener(s.listener, certs)
		scheme = "https"
	}
	s.url = scheme + "://" + s.listener.Addr().String()

	provider, err := openIDProvider(s.cfg.OIDC)
	if err != nil {
		return err
	}
	brand := s.cfg.Brand
	shown, err := look.Load(brand.Name, cmp.Or(brand.PageLogo, brand.Logo), brand.Color)
	if err != nil {
		return err
	}
	workersAt, err := s.queueAddress()
	if err != nil {
		return err
	}
	proxies, err := s.cfg.Proxies()
	if err != nil {
		return err
	}
	if s.web, err = web.New(web.Config{
		Proxies:   proxies,
		Queue:     workersAt,
		PublicURL: s.publicURL(), OpenID: provider, Several: s.id != "",
		Store: s.store, Pipeline: s.pipeline, Render: s.render, Templates: s.render.Templates, Log: s.log,
		Locale: s.cfg.Language, MaxUpload: s.cfg.MaxUpload, MustTell: s.cfg.MustTell, Secure: s.secure(), Metrics: metrics,
		MetricsOpen: s.cfg.MetricsOpen, Ready: s.ready, Version: version, Look: shown, Installation: installation(s.cfg, s.blobs),
	}); err != nil {
		return err
	}
	if s.token, err = web.MintLocalToken(ctx, s.store, s.place); err != nil {
		return err
	}
	return s.dir.writeLocal(localAccess{URL: s.publicURL(), Token: s.token, NATS: s.nats.URL()})
}

// publicURL is the address that people use, and that a certificate is made out to.
func (s *system) publicURL() string {
	if s.cfg.PublicURL != "" {
		return strings.TrimSuffix(s.cfg.PublicURL, "/")
	}
	return s.url
}

// welcome sees to it that somebody can sign in; until an administrator exists it makes the address where
// one is. Only serve calls it: a system that ends with its command has nobody to sign in.
func (s *system) welcome(ctx context.Context) error {
	first, err := web.EnsureFirstAdmin(ctx, s.store, s.cfg.AdminPassword)
	if err == nil && first.Secret != "" {
		s.setupURL = s.publicURL() + "/setup?token=" + first.Secret
	}
	return err
}

// run serves until ctx is done or a part fails, then stops the parts in the reverse of their order.
func (s *system) run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	// Workers give their jobs back on the way out: the pipeline answers until they are gone.
	answering, hangUp := context.WithCancel(context.WithoutCancel(ctx))
	group.Go(func() error { return s.pipeline.Run(answering) })
	group.Go(func() error {
		defer hangUp()
		err := s.runWorkers(ctx)
		if err == nil {
			<-ctx.Done() // without local workers
		}
		return err
	})

	group.Go(func() error { return s.tellHead(ctx) })
	group.Go(func() error { return s.keepToken(ctx) })
	group.Go(func() error {
		select {
		case err := <-s.lost:
			return err
		case <-ctx.Done():
			return nil
		}
	})

	httpServer := &http.Server{
		Handler:           s.web.Handler(),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	httpServer.RegisterOnShutdown(s.web.Close) // event streams let go; uploads get the time of grace
	group.Go(func() error {
		if err := httpServer.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
			return referent.E(referent.CodeInternal, "referent: serve HTTP", err)
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		err := httpServer.Shutdown(stop)
		if err != nil {
			err = httpServer.Close()
		}
		rest, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second) // the other may be used up
		defer cancel()
		return errors.Join(err, s.web.Flush(rest))
	})
	err := group.Wait()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// ready reports whether the parts that a request needs answer.
func (s *system) ready(ctx context.Context) error {
	if err := s.store.Ping(ctx); err != nil {
		return err
	}
	if !s.conn.IsConnected() {
		return referent.E(referent.CodeUnavailable, "referent: ready", errors.New("not connected to NATS"))
	}
	return nil
}

// secure reports whether browsers reach the server over TLS only.
func (s *system) secure() bool {
	return s.cfg.TLSCert != "" || strings.HasPrefix(s.cfg.PublicURL, "https://")
}

func (s *system) close() {
	if s.listener != nil {
		s.listener.Close()
	}
	if s.conn != nil {
		s.conn.Close()
	}
	if s.nats != nil {
		s.nats.Shutdown()
	}
	var errs []error
	if s.blobs != nil {
		errs = append(errs, s.blobs.Close())
	}
	if s.store != nil {
		errs = append(errs, s.store.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Unlock())
	}
	if err := errors.Join(errs...); err != nil {
		s.log.Warn("could not close everything", "error", err)
	}
}

// openIDProvider is where people sign in beside passwords, nil for nowhere.
func openIDProvider(o configs.OIDC) (*web.OpenID, error) {
	if !o.Enabled() {
		return nil, nil
	}
	secret, err := o.Secret()
	if err != nil {
		return nil, err
	}
	roles := make([]web.ClaimedRole, len(o.Roles))
	for i, r := range o.Roles {
		roles[i] = web.ClaimedRole(r)
	}
	return &web.OpenID{
		Config: openid.Config{Issuer: o.Issuer, ClientID: o.ClientID, Secret: secret, Scopes: o.Scopes, UserInfo: o.UserInfo, Allowed: o.Allowed,
			Claims: openid.Claims{Subject: o.ClaimSubject, User: o.ClaimUser, Name: o.ClaimName, Roles: o.ClaimRoles}},
		Label: o.Label, Roles: roles, Admit: web.Admit(o.Admit), AdminsOnly: o.Passwords == configs.PasswordsAdministrators,
		EndSession: o.EndSession,
	}, nil
}

// endpoint is the configured LLM endpoint, nil for the built-in writer.
func endpoint(l configs.LLM) *referent.Endpoint {
	if !l.Enabled() {
		return nil
	}
	return &referent.Endpoint{BaseURL: l.URL, Model: l.Model, ContextSize: l.ContextSize, Timeout: l.Timeout, Allowed: l.Allowed,
		API: referent.API(l.API), APIVersion: l.APIVersion, Mask: l.Mask == configs.MaskAlways}
}
