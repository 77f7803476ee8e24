package manager

import (
	"context"
	"time"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/referral/tag"
)

// batchAnswer is a print batch as the caller sees it: of the tags, those of her stores.
type batchAnswer struct {
	ID        shop.ID             `json:"id"`
	Batch     string              `json:"batch"`
	Tags      map[tag.State]int64 `json:"tags"`
	CreatedBy shop.ID             `json:"created_by,omitzero"`
	CreatedAt time.Time           `json:"created_at"`
	RevokedBy shop.ID             `json:"revoked_by,omitzero"`
	RevokedAt time.Time           `json:"revoked_at,omitzero"`
	Reason    string              `json:"reason,omitempty"` // of the revocation
}

func answerBatch(_ context.Context, b tag.Batch) batchAnswer {
	return batchAnswer{
		ID: b.ID, Batch: b.Name, Tags: b.Tags, CreatedBy: b.CreatedBy, CreatedAt: b.CreatedAt.UTC(),
		RevokedBy: b.RevokedBy, RevokedAt: b.RevokedAt.UTC(), Reason: b.Reason,
	}
}

func (f *Face) listTagBatches(ctx context.Context, in endpoint.Paging) (endpoint.List[batchAnswer], error) {
	page, err := in.Page()
	if err != nil {
		return endpoint.List[batchAnswer]{}, err
	}
	batches, next, err := f.Tags.Batches(ctx, endpoint.Actor(ctx), page)
	return listOf(ctx, batches, next, answerBatch), err
}

type revokeTagBatchRequest struct {
	byID
	Reason string `json:"reason"`
}

type revokeTagBatchAnswer struct {
	Batch   batchAnswer `json:"batch"`
	Retired int         `json:"retired"`
}

func (f *Face) revokeTagBatch(ctx context.Context, in revokeTagBatchRequest) (revokeTagBatchAnswer, error) {
	done, err := f.Tags.RevokeBatch(ctx, endpoint.Actor(ctx), in.ID, in.Reason)
	if err != nil {
		return revokeTagBatchAnswer{}, err
	}
	return revokeTagBatchAnswer{answerBatch(ctx, done.Batch), done.Retired}, nil
}
