package dataset

import "context"

func readParquet(ctx context.Context, in source, opt ReadOptions) (*Table, error) {
	return nil, &DataError{File: in.path, Msg: "Parquet cannot be read yet; use CSV"}
}
