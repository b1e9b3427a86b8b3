package main

import (
	"context"

	"golang.org/x/sys/unix"

	"github.com/referent/referent"
	"github.com/referent/referent/configs"
	"github.com/referent/referent/models"
	"github.com/referent/referent/store/blob/s3"
	"github.com/referent/referent/summarize"
	"github.com/referent/referent/web"
)

// installation is what administrators are told of this machine and its settings.
func installation(cfg configs.Config, blobs bucket) web.Installation {
	in := web.Installation{
		Space:        func() (web.Space, error) { return spaceOf(cfg.DataDir) },
		Weights:      func() []web.Weights { return weightsOf(models.Open(cfg.ModelsDir), neededModels(cfg)) },
		Endpoint:     endpoint(cfg.LLM),
		TemplatesDir: cfg.TemplatesDir,
	}
	if o, ok := blobs.(*s3.Bucket); ok {
		in.Blobs, in.TryBlobs = cfg.Blobs.Endpoint, o.Check
	}
	if in.Endpoint != nil {
		in.TryEndpoint = func(ctx context.Context) (web.Answered, error) {
			info, err := summarize.Probe(ctx, endpoint(cfg.LLM), cfg.LLM.APIKey)
			return web.Answered{Server: info.Server, Version: info.Version, ContextSize: info.ContextSize, HasModel: info.HasModel}, err
		}
	}
	return in
}

// spaceOf is the room on the disk of a folder, as far as it is ours to use.
func spaceOf(dir string) (web.Space, error) {
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return web.Space{}, err
	}
	return web.Space{Free: int64(fs.Bavail) * fs.Bsize, Total: int64(fs.Blocks) * fs.Bsize}, nil
}

// weightsOf is what the folder of weights has of those named.
func weightsOf(dir *models.Store, names []string) []web.Weights {
	var all []web.Weights
	for _, name := range names {
		st, err := dir.Status(name)
		w := web.Weights{Name: name, Size: st.Size, State: "missing"}
		switch {
		case err != nil:
			w.State, w.Code = "unknown", referent.CodeOf(err)
		case st.Corrupt:
			w.State = "corrupt"
		case st.Verified:
			w.State = "verified"
		case st.Present:
			w.State = "unverified"
		}
		all = append(all, w)
	}
	return all
}
