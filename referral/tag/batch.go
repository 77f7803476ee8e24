package tag

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/shop"
)

// ErrBatchRevoked refuses a tag for a batch whose paper is not trusted any more.
var ErrBatchRevoked = shop.Refuse(shop.Conflict, "tag_batch_revoked", "This print batch was revoked. Give the new tags another batch.")

// Batch is what was printed together, as the one who asks sees it: of the tags, those of her stores.
type Batch struct {
	ID        shop.ID
	Name      string // as its tags name it
	CreatedBy shop.ID
	CreatedAt time.Time
	RevokedAt time.Time // zero: nobody has revoked the whole of it
	RevokedBy shop.ID
	Reason    string          // of the revocation
	Tags      map[State]int64 // how many there are, by state
}

// Batches are those with a tag that the actor may see, newest first, and the cursor to the next page.
func (s *Service) Batches(ctx context.Context, actor shop.Actor, page shop.Page) ([]Batch, string, error) {
	if err := actor.Allow(shop.RoleManager, shop.RoleHQ, shop.RoleFinance, shop.RoleSystem); err != nil {
		return nil, "", err
	}
	var batches []Batch
	var next string
	err := s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) error {
		found, err := pageOfBatches(ctx, tx, actor.Brand, storesSeen(actor), page)
		if err != nil {
			return err
		}
		batches, next = shop.Cut(page, found, func(b Batch) shop.ID { return b.ID })
		return countTags(ctx, tx, actor.Brand, storesSeen(actor), batches)
	})
	if err != nil {
		return nil, "", fmt.Errorf("list print batches: %w", err)
	}
	return batches, next, nil
}

// storesSeen are the stores whose tags the actor sees; nil is all.
func storesSeen(actor shop.Actor) []shop.ID {
	if actor.Is(shop.RoleHQ, shop.RoleFinance, shop.RoleSystem) {
		return nil
	}
	return append([]shop.ID{}, actor.Stores...)
}

// Revocation is what became of a batch that was revoked.
type Revocation struct {
	Batch   Batch
	Retired int // by this call; none when it was revoked before
}

// RevokeBatch retires all tags of a batch at once, drafts and replaced ones too: whoever has the paper credits nobody with it
// from now on, on any process. Of a manager it retires what hangs in her stores. When nothing is left of the batch it is closed:
// nothing is issued into it any more. Doing it again changes nothing. shop.ErrNotFound without a tag of hers, shop.ErrFields
// without a reason.
func (s *Service) RevokeBatch(ctx context.Context, actor shop.Actor, id shop.ID, reason string) (Revocation, error) {
	if err := actor.Allow(shop.RoleManager, shop.RoleHQ, shop.RoleSystem); err != nil {
		return Revocation{}, err
	}
	reason, err := checkReason(reason)
	if err != nil {
		return Revocation{}, err
	}
	now := shop.Millis(s.now())
	var done Revocation
	err = s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		done, err = revokeBatch(ctx, tx, actor, id, reason, now)
		return err
	})
	if err != nil {
		return Revocation{}, fmt.Errorf("revoke print batch %s: %w", id, err)
	}
	return done, nil
}

func revokeBatch(ctx context.Context, tx pgx.Tx, actor shop.Actor, id shop.ID, reason string, now time.Time) (Revocation, error) {
	batch, err := lockBatch(ctx, tx, actor.Brand, id)
	if err != nil {
		return Revocation{}, err
	}
	one := []Batch{batch}
	if err := countTags(ctx, tx, actor.Brand, storesSeen(actor), one); err != nil {
		return Revocation{}, err
	}
	if len(one[0].Tags) == 0 {
		return Revocation{}, shop.ErrNotFound
	}
	retired, err := retireBatch(ctx, tx, actor, batch.Name, storesSeen(actor), now)
	if err != nil {
		return Revocation{}, err
	}
	if len(retired) > 0 {
		entry := audit.Entry{Act: "tag_batch_revoked", Subject: id, Detail: map[string]any{"tags": len(retired), "reason": reason}}
		if err := audit.Note(ctx, tx, actor, now, entry); err != nil {
			return Revocation{}, err
		}
	}
	if err := closeBatch(ctx, tx, actor, id, reason, now); err != nil {
		return Revocation{}, err
	}
	if one[0], err = lockBatch(ctx, tx, actor.Brand, id); err != nil {
		return Revocation{}, err
	}
	return Revocation{one[0], len(retired)}, countTags(ctx, tx, actor.Brand, storesSeen(actor), one)
}

const longestReason = 500

// checkReason is the reason without space around it; shop.ErrFields when it says nothing, or too much.
func checkReason(reason string) (string, error) {
	reason = strings.TrimSpace(reason)
	var c shop.Check
	c.That(reason != "", "reason", "required", "Say why, for whoever asks later.")
	c.That(utf8.RuneCountInString(reason) <= longestReason, "reason", "too_long", "At most 500 characters.")
	c.That(utf8.ValidString(reason) && !strings.ContainsFunc(reason, unicode.IsControl), "reason", "not_text", "Use one line of text.")
	return reason, c.Err()
}

// joinBatches makes the batches of tags that are about to be issued, and holds them open until the transaction ends.
// ErrBatchRevoked when one of them was revoked.
func joinBatches(ctx context.Context, tx pgx.Tx, actor shop.Actor, tags []Tag, now time.Time) error {
	var names []string
	for _, t := range tags {
		if t.Batch != "" {
			names = append(names, t.Batch)
		}
	}
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names) // everybody locks them in one order
	names = slices.Compact(names)
	if err := insertBatches(ctx, tx, actor, names, now); err != nil {
		return err
	}
	revoked, err := holdBatches(ctx, tx, actor.Brand, names)
	if err == nil && revoked {
		err = ErrBatchRevoked
	}
	return err
}
