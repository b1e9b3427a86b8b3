package speakernet

import "math"

// affine is what a batch normalisation does to each channel once training is over: scale·x + shift.
type affine struct{ scale, shift []float64 }

// batchNorm reads one; plain ones have no weights of their own.
func (w *weights) batchNorm(name string, channels int, plain bool) affine {
	mean := w.get(name+".running_mean", channels).v
	variance := w.get(name+".running_var", channels).v
	a := affine{make([]float64, channels), make([]float64, channels)}
	gain, bias := make([]float64, channels), make([]float64, channels)
	for i := range gain {
		gain[i] = 1
	}
	if !plain {
		gain, bias = w.get(name+".weight", channels).v, w.get(name+".bias", channels).v
	}
	for i := range channels {
		if variance[i] < 0 {
			w.fail("%q has a variance below zero", name)
		}
		a.scale[i] = gain[i] / math.Sqrt(variance[i]+normEpsilon)
		a.shift[i] = bias[i] - float64(mean[i]*a.scale[i])
	}
	return a
}

// filter is a convolution, or a linear layer: weights [out, in, ...] and a bias.
type filter struct {
	array
	bias []float64
}

// filter reads one without a bias of its own.
func (w *weights) filter(name string, shape ...int) filter {
	return filter{w.get(name+".weight", shape...), make([]float64, shape[0])}
}

// biased reads one with a bias.
func (w *weights) biased(name string, shape ...int) filter {
	return filter{w.get(name+".weight", shape...), w.get(name+".bias", shape[0]).v}
}

// then gives the filter that does what f and then a do.
func (f filter) then(a affine) filter {
	out := filter{array{f.shape, make([]float64, len(f.v))}, make([]float64, len(f.bias))}
	row := len(f.v) / f.shape[0]
	for i := range out.bias {
		out.bias[i] = float64(f.bias[i]*a.scale[i]) + a.shift[i]
		for j := i * row; j < (i+1)*row; j++ {
			out.v[j] = f.v[j] * a.scale[i]
		}
	}
	return out
}

// after gives the filter that does what a and then f do. It must not pad: padding comes after a.
func (f filter) after(a affine) filter {
	out := filter{array{f.shape, make([]float64, len(f.v))}, make([]float64, len(f.bias))}
	in := f.shape[1]
	size := len(f.v) / (f.shape[0] * in)
	for i := range out.bias {
		out.bias[i] = f.bias[i]
		for c := range in {
			for j := (i*in + c) * size; j < (i*in+c+1)*size; j++ {
				// The conversion keeps a processor from fusing the two: the file is the same everywhere.
				out.bias[i] += float64(f.v[j] * a.shift[c])
				out.v[j] = f.v[j] * a.scale[c]
			}
		}
	}
	return out
}

// floor says where a normalisation crosses zero in each channel. Where every scale is above zero,
//
//	relu(scale·x + shift) = scale·max(x, floor) + shift,  floor = -shift/scale
//
// so that one operator is left at run time: the rest folds into the filter that follows. ok is false when a
// scale is not above zero.
func (a affine) floor() (floor []float64, ok bool) {
	floor = make([]float64, len(a.scale))
	for i := range floor {
		if !(a.scale[i] > 0) {
			return nil, false
		}
		floor[i] = -a.shift[i] / a.scale[i]
	}
	return floor, true
}
