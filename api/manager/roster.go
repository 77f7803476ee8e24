package manager

import (
	"bytes"
	"context"

	"homestore/api/endpoint"
	"homestore/referral/roster"
)

// mostRosterRows is what a request may take on; a longer list is read by `homestore import referrers`.
const mostRosterRows = 200

type importReferrersRequest struct {
	IsRehearsal bool   `query:"rehearsal"`
	File        []byte `body:"csv"`
}

type importReferrersAnswer struct {
	roster.Sum
	Verdicts []roster.Verdict `json:"verdicts"`
}

// importReferrers needs no Idempotency-Key: a list that is read again changes nothing.
func (f *Face) importReferrers(ctx context.Context, in importReferrersRequest) (importReferrersAnswer, error) {
	answer := importReferrersAnswer{Verdicts: []roster.Verdict{}}
	sum, err := f.Roster.Import(ctx, endpoint.Actor(ctx), bytes.NewReader(in.File), roster.Reading{Rehearsal: in.IsRehearsal, MostRows: mostRosterRows},
		func(v roster.Verdict) error {
			answer.Verdicts = append(answer.Verdicts, v)
			return nil
		})
	answer.Sum = sum
	return answer, err
}
