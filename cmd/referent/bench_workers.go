package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/referent/referent"
	"github.com/referent/referent/client"
	"github.com/referent/referent/configs"
	"github.com/referent/referent/models"
	"github.com/referent/referent/queue"
	"github.com/referent/referent/summarize"
	"github.com/referent/referent/transcribe"
	"github.com/referent/referent/worker"
)

// workerCounts are how many workers share one long recording in [benchmark.workers].
var workerCounts = []int{1, 2, 4, 8}

// workPace is how long a worker of [benchmark.workers] takes for a second of speech. Base, the smallest model
// that is of use, takes half as long again on two cores: what queue, store and encryption cost weighs more
// here than it will.
const workPace = 20 * time.Millisecond

// benchWorkers is how long so many workers took for one recording.
type benchWorkers struct {
	Workers    int     `json:"workers"`
	Prepare    float64 `json:"prepare"`    // seconds from the upload's end to the plan
	Transcribe float64 `json:"transcribe"` // from the plan to the transcript
	Efficiency float64 `json:"efficiency"` // of Transcribe: one worker's time divided by n times theirs
}

// workers gives one three-hour recording to more workers than there are cores: server, database, encryption,
// queue, leases and the reading of audio are the real ones, as are preparing and assembling; only the time
// that recognition takes is slept instead of worked, since the cores for it are not here.
func (b *benchmark) workers(ctx context.Context) ([]benchWorkers, error) {
	file := filepath.Join(b.out, "three-hours.wav")
	if err := ffmpeg(ctx, "-stream_loop", "-1", "-i", b.recording, "-t", itoa(3*3600), "-c", "copy", file); err != nil {
		return nil, err
	}
	defer os.Remove(file)
	var all []benchWorkers
	for _, n := range workerCounts {
		w, err := b.share(ctx, file, n)
		if err != nil {
			return nil, err
		}
		if len(all) == 0 {
			w.Efficiency = 1
		} else {
			w.Efficiency = all[0].Transcribe / (float64(n) * w.Transcribe)
		}
		b.app.printf("%d workers: prepared in %.1f s, transcribed in %.1f s, efficiency %.2f", n, w.Prepare, w.Transcribe, w.Efficiency)
		all = append(all, w)
	}
	return all, nil
}

// share runs a system of its own with n workers and times one recording.
func (b *benchmark) share(ctx context.Context, file string, n int) (w benchWorkers, err error) {
	dir, err := os.MkdirTemp("", "referent-bench-")
	if err != nil {
		return w, referent.E(referent.CodeDiskFull, "bench: make data folder", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	cfg := configs.Defaults()
	cfg.DataDir, cfg.Listen, cfg.Workers = dir, "127.0.0.1:0", 0
	log := slog.New(slog.DiscardHandler)
	sys, err := openSystem(ctx, cfg, log)
	if err != nil {
		return w, err
	}
	defer sys.close()

	group, running := errgroup.WithContext(ctx)
	running, stop := context.WithCancel(running)
	group.Go(func() error { return sys.run(running) })
	for i := range n {
		group.Go(func() error { return sleepyWorker(running, sys, i, log) })
	}
	var failed error
	group.Go(func() error {
		defer stop()
		w, failed = b.time(running, client.New(sys.url, sys.token), file)
		return nil
	})
	err = group.Wait()
	w.Workers = n
	return w, errors.Join(err, failed)
}

// time sends the recording and notes when it changes state.
func (b *benchmark) time(ctx context.Context, api *client.Client, file string) (w benchWorkers, err error) {
	p := &processing{app: b.app}
	m := &referent.Meeting{Title: "bench", Kind: referent.KindReferat, Options: referent.Options{Speakers: "off", Writer: "builtin"}}
	m, err = p.send(ctx, api, m, file)
	if err != nil {
		return w, err
	}
	var once, twice sync.Once
	began := time.Now()
	var prepared time.Time
	_, err = follow(ctx, api, m.ID, func(m *referent.Meeting) {
		switch m.State {
		case referent.StatePrepared:
			once.Do(func() { prepared = time.Now(); w.Prepare = prepared.Sub(began).Seconds() })
		case referent.StateTranscribed, referent.StateDraft:
			twice.Do(func() { w.Transcribe = time.Since(prepared).Seconds() })
		}
	})
	if err == nil && (w.Transcribe == 0 || prepared.IsZero()) {
		err = referent.E(referent.CodeInternal, "bench: follow meeting", errors.New("its states were not seen"))
	}
	return w, err
}

// sleepyWorker is a worker like any other, but for what recognises.
func sleepyWorker(ctx context.Context, sys *system, i int, log *slog.Logger) error {
	name := "bench/" + itoa(i)
	conn, err := queue.Connect(ctx, queue.DialConfig{URL: sys.nats.URL(), Creds: sys.dir.workerKey(), Name: name, Log: log})
	if err != nil {
		return err
	}
	defer conn.Close()
	w, err := worker.New(worker.Config{
		Conn: conn, Name: name, Threads: 1, Device: "none", Version: version, Log: log,
		Stages:     []referent.Stage{referent.StagePrepare, referent.StageTranscribe, referent.StageMinutes},
		Preparer:   transcribe.NewPreparer(transcribe.Config{Models: &fetchedModels{conn: conn, log: log, store: models.Open(sys.cfg.ModelsDir)}, Threads: 1, Log: log}),
		Recognizer: sleeper{},
		Minutes:    summarize.New(summarize.Config{Log: log}),
	})
	if err != nil {
		return err
	}
	return w.Run(ctx)
}

// sleeper reads what a recogniser would hear, and takes its time over it.
type sleeper struct{}

func (sleeper) Recognize(ctx context.Context, audio io.ReaderAt, task referent.Recognition, progress func(float64)) (*referent.ChunkResult, error) {
	result := &referent.ChunkResult{Chunk: task.Chunk, Language: task.Language, Models: []referent.ModelUse{}, Segments: []referent.Segment{}}
	for i, w := range task.Windows {
		for _, s := range w.Spans {
			if _, err := audio.ReadAt(make([]byte, 2*s.Len()), 2*s.Start); err != nil && !errors.Is(err, io.EOF) {
				return nil, err
			}
			from, to := float64(s.Start)/referent.SampleRate, float64(s.End)/referent.SampleRate
			result.Segments = append(result.Segments, referent.Segment{Start: from, End: to, Text: "-",
				Words: []referent.Word{{Text: "-", Start: from, End: to, Probability: 1}}, Quality: referent.Quality{OK: true}})
		}
		select {
		case <-ctx.Done():
			return nil, referent.E(referent.CodeCancelled, "bench: take time", ctx.Err())
		case <-time.After(time.Duration(w.Samples()) * workPace / referent.SampleRate):
		}
		progress(float64(i+1) / float64(len(task.Windows)))
	}
	return result, nil
}
