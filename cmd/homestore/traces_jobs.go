package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
	"go.opentelemetry.io/otel/attribute"
	otelcodes "go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// tracedJobs keep in a job's metadata which trace it follows from, and make each attempt at it a span of that trace.
type tracedJobs struct {
	river.MiddlewareDefaults

	tracer trace.Tracer
}

// InsertMany writes the trace down. A job that is there already (unique) keeps its own.
func (t *tracedJobs) InsertMany(ctx context.Context, jobs []*rivertype.JobInsertParams, insert func(context.Context) ([]*rivertype.JobInsertResult, error)) ([]*rivertype.JobInsertResult, error) {
	carried := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carried)
	for _, job := range jobs {
		var err error
		if job.Metadata, err = withTrace(job.Metadata, carried); err != nil {
			return nil, fmt.Errorf("keep the trace of a %s: %w", job.Kind, err)
		}
	}
	return insert(ctx)
}

func withTrace(metadata []byte, carried propagation.MapCarrier) ([]byte, error) {
	if len(carried) == 0 {
		return metadata, nil
	}
	kept := map[string]json.RawMessage{}
	if len(metadata) > 0 {
		if err := json.Unmarshal(metadata, &kept); err != nil {
			return nil, err
		}
	}
	for name, value := range carried {
		text, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		kept[name] = text
	}
	return json.Marshal(kept)
}

// Work does the job within its trace; one that follows from none, as chores, begins its own.
func (t *tracedJobs) Work(ctx context.Context, job *rivertype.JobRow, do func(context.Context) error) error {
	var carried struct {
		Traceparent string `json:"traceparent"`
	}
	_ = json.Unmarshal(job.Metadata, &carried) // what cannot be read names no trace
	ctx = propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{"traceparent": carried.Traceparent})
	ctx, span := t.tracer.Start(ctx, "job "+job.Kind, trace.WithSpanKind(trace.SpanKindConsumer), trace.WithAttributes(
		attribute.Int64("homestore.job.id", job.ID), attribute.Int("homestore.job.attempt", job.Attempt)))
	defer span.End()
	err := do(ctx)
	snoozed := (*rivertype.JobSnoozeError)(nil)
	if err != nil && !errors.As(err, &snoozed) {
		span.SetStatus(otelcodes.Error, "")
	}
	return err
}
