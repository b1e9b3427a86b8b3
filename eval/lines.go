package eval

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/referent/referent"
)

// maxLine bounds a line of the formats that are read line by line.
const maxLine = 1 << 20

// eachLine calls f with the fields of every line that is neither empty nor a comment (";;"). What f
// finds wrong is told with the number of the line and never with its words. The error is CodeInvalid.
func eachLine(r io.Reader, op string, f func(line string, fields []string) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	n := 0
	for lines.Scan() {
		n++
		line := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
		if line == "" || strings.HasPrefix(line, ";;") {
			continue
		}
		if err := f(line, strings.Fields(line)); err != nil {
			return referent.E(referent.CodeInvalid, op, fmt.Errorf("line %d: %w", n, err))
		}
	}
	if err := lines.Err(); err != nil {
		return referent.E(referent.CodeInvalid, op, fmt.Errorf("line %d: %w", n+1, err))
	}
	return nil
}

var (
	errFields = errors.New("too few fields")
	errTime   = errors.New("not a time in seconds")
	errOrder  = errors.New("ends before it starts")
)

// seconds reads a time: a finite number, not below zero, and short of what a float64 holds to the
// microsecond.
func seconds(s string) (float64, error) {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(v) || v < 0 || v > 1e9 {
		return 0, errTime
	}
	return v, nil
}

// startEnd reads two times; the second is not before the first.
func startEnd(first, second string) (start, end float64, err error) {
	if start, err = seconds(first); err != nil {
		return 0, 0, err
	}
	if end, err = seconds(second); err != nil {
		return 0, 0, err
	}
	if end < start {
		return 0, 0, errOrder
	}
	return start, end, nil
}

// startLength reads a time and a length.
func startLength(first, second string) (start, end float64, err error) {
	if start, err = seconds(first); err != nil {
		return 0, 0, err
	}
	length, err := seconds(second)
	return start, start + length, err
}
