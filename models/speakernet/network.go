package speakernet

import "github.com/referent/referent/models/onnx"

// network is a graph under construction with the weights that go into it.
type network struct {
	*onnx.Graph
	*weights
}

func (n network) constant(name string, a array) onnx.Value {
	return n.Floats(name, a.shape, a.float32s())
}

func (n network) finish() error {
	if err := n.weights.finish(); err != nil {
		return err
	}
	return n.Graph.Err()
}

// model wraps the finished graph. The version is that of the graph's form: it changes when the bytes do.
func (n network) model(source, licence string) onnx.Model {
	return onnx.Model{Graph: n.Graph, Opset: 17, Producer: "referent", Version: "1",
		About: map[string]string{"source": source, "licence": licence}}
}
