
// TestWideTablesAreQuick guards the way there: second derivatives by ten thousand weights would take minutes.
func TestWideTablesAreQuick(t *testing.T) {
	op, err := LogisticRegression.New(LogisticRegression.Defaults())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if _, err := op.Fit(ctx, operators.NewEnv(1, 1), wideSample(50, 10_000, 2)); err != nil {
		t.Error(err)
	}
}
