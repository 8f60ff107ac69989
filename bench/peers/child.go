package main

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
)

//go:embed boosters.py
var boosters string

//go:embed peer.py
var script string

// child is the Python process that fits the peers.
type child struct {
	cmd      *exec.Cmd
	in       io.WriteCloser
	out      *bufio.Reader
	Versions map[string]string // package to version, of what is installed
}

// start runs the script in python with one thread for every library that would take more.
func start(python string) (*child, error) {
	cmd := exec.Command(python, "-c", boosters+"\n\n"+script)
	cmd.Env = append(os.Environ(), "OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1", "MKL_NUM_THREADS=1", "OMP_WAIT_POLICY=passive")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	c := &child{cmd: cmd, in: in, out: bufio.NewReader(out)}
	if err := c.read(&c.Versions); err != nil {
		return nil, fmt.Errorf("%s has no usable scikit-learn: %w", python, err)
	}
	return c, nil
}

func (c *child) read(v any) error {
	line, err := c.out.ReadBytes('\n')
	if err != nil {
		return err
	}
	return json.Unmarshal(line, v)
}

// request asks for one fit and one prediction of Peer, a Python expression.
type request struct {
	Peer     string `json:"peer"`
	Path     string `json:"path"`
	Kind     string `json:"kind"`
	Rows     int    `json:"rows"`
	Cols     int    `json:"cols"`
	Classes  int    `json:"classes"`
	Predicts bool   `json:"predicts"`
	Flat     bool   `json:"flat"` // the peer wants one column as a vector
}

func (c *child) ask(r request) (measured, error) {
	line, err := json.Marshal(r)
	if err != nil {
		return measured{}, err
	}
	if _, err := c.in.Write(append(line, '\n')); err != nil {
		return measured{}, err
	}
	var reply struct {
		Fit, Predict float64
		Score        *float64
		Error        string
	}
	if err := c.read(&reply); err != nil {
		return measured{}, err
	}
	if reply.Error != "" {
		return measured{}, errors.New(reply.Error)
	}
	return measured{reply.Fit, reply.Predict, reply.Score}, nil
}

func (c *child) stop() error {
	c.in.Close()
	return c.cmd.Wait()
}
