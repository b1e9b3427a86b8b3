package web

import (
	"context"

	"github.com/referent/referent"
)

// Installation is what administrators are told of the machine and of settings that the server does not use itself.
// What is nil or "" is not told. It holds no secret.
type Installation struct {
	Space        func() (Space, error) // of the disk that the data lies on
	Weights      func() []Weights      // that recognition uses
	Endpoint     *referent.Endpoint    // that writes minutes; nil: the built-in writer does
	TryEndpoint  func(ctx context.Context) (Answered, error)
	Blobs        string                          // address of the object store; "": sealed bytes lie in the data folder
	TryBlobs     func(ctx context.Context) error // with Blobs
	TemplatesDir string                          // where the organisation's own templates lie
}

// Space is how much room there is on a disk, in bytes.
type Space struct {
	Free  int64 `json:"free"`
	Total int64 `json:"total"`
}

// Weights is one file of weights.
type Weights struct {
	Name  string        `json:"name" doc:"In the catalogue." example:"base"`
	Size  int64         `json:"size" doc:"In bytes; 0: they are not there."`
	State string        `json:"state" enum:"verified,unverified,corrupt,missing,unknown" doc:"unverified: not hashed since they were last touched, which is done before they are used. unknown: the folder cannot be read."`
	Code  referent.Code `json:"code,omitempty" doc:"Why the state is unknown."`
}

// Answered is what an endpoint told of itself.
type Answered struct {
	Server      string `json:"server,omitempty" doc:"The program that answers, where it is known." example:"llama.cpp"`
	Version     string `json:"version,omitempty"`
	ContextSize int    `json:"context_size,omitempty" doc:"Tokens of one request."`
	HasModel    bool   `json:"has_model" doc:"The configured model is there."`
}
