package dataset

import "context"

func readARFF(ctx context.Context, in source, opt ReadOptions) (*Table, error) {
	return nil, &DataError{File: in.path, Msg: "ARFF cannot be read yet; use CSV"}
}
