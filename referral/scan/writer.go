package scan

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/migrations/postgres"
)

const (
	// queueLength is how many scans may wait: about a second's worth at the rate that one core writes. Beyond it the disk
	// is faster than waiting.
	queueLength = 4096
	// maxBatch keeps one statement within some 200 kB.
	maxBatch = 1000
	// insertTimeout bounds the wait for a database that neither answers nor breaks the connection. A shopper waits this
	// long at most, once: after it all go to the spool until the database has answered again.
	insertTimeout = 1500 * time.Millisecond
	// writers are two, so that one collects while the other's commit is on its way. More would only make smaller batches.
	writers = 2
	// retryEvery is how often an absent database is asked whether it is back.
	retryEvery = 500 * time.Millisecond
)

// ErrNotKept is when neither the database nor the disk took a scan. The shopper is asked to come again, since a scan that
// was answered must be a scan that is stored.
var ErrNotKept = errors.New("neither database nor spool took the scan")

// Writer stores scans in group commits: whichever writer is free takes all that wait and stores them in one statement. It
// does not linger for more, so a lone scan costs one commit and a crowd shares one.
type Writer struct {
	pool     *postgres.Pool // of the role that may insert scans and nothing else
	spool    *Spool
	counters *Counters
	log      *slog.Logger

	queue   chan *waiting
	isAway  atomic.Bool
	closing chan struct{}
	stopped chan struct{} // closed when no writer will take from the queue any more
	once    sync.Once
	drained sync.WaitGroup
}

type waiting struct {
	scan Scan
	done chan error
}

// NewWriter starts the writers and the one who drains the spool. Close ends them.
func NewWriter(pool *postgres.Pool, spool *Spool, counters *Counters, log *slog.Logger) *Writer {
	w := &Writer{
		pool: pool, spool: spool, counters: counters, log: log,
		queue: make(chan *waiting, queueLength), closing: make(chan struct{}), stopped: make(chan struct{}),
	}
	var running sync.WaitGroup
	for range writers {
		running.Go(w.write)
	}
	go func() {
		running.Wait()
		close(w.stopped)
	}()
	w.drained.Go(w.drain)
	return w
}

// Store returns when the scan is durable: committed, or synced to the spool. ErrNotKept when it is neither.
func (w *Writer) Store(scan Scan) error {
	one := &waiting{scan: scan, done: make(chan error, 1)}
	select {
	case w.queue <- one:
	default:
		return w.keep([]Scan{scan})
	}
	select {
	case err := <-one.done:
		return err
	case <-w.stopped:
	}
	select {
	case err := <-one.done:
		return err
	default: // it came into the queue when nobody took from it any more
		return w.keep([]Scan{scan})
	}
}

// write takes all that waits, again and again; after Close until nothing waits.
func (w *Writer) write() {
	for {
		select {
		case one := <-w.queue:
			w.commit(w.gather(one))
		case <-w.closing:
			select {
			case one := <-w.queue:
				w.commit(w.gather(one))
			default:
				return
			}
		}
	}
}

func (w *Writer) gather(first *waiting) []*waiting {
	group := []*waiting{first}
	for len(group) < maxBatch {
		select {
		case one := <-w.queue:
			group = append(group, one)
		default:
			return group
		}
	}
	return group
}

// commit stores a group and tells each of them.
func (w *Writer) commit(group []*waiting) {
	scans := make([]Scan, len(group))
	for i, one := range group {
		scans[i] = one.scan
	}
	err := errors.ErrUnsupported
	if !w.isAway.Load() {
		if err = w.insert(context.Background(), scans, true); err == nil {
			w.counters.Stored.Add(int64(len(scans)))
		} else if !w.isAway.Swap(true) {
			w.log.Warn("scans go to the spool until the database takes them again", "error", err)
		}
	}
	if err != nil {
		err = w.keep(scans)
	}
	for _, one := range group {
		one.done <- err
	}
}

// insert stores scans. Those of the spool are not known to be new: after a time-out nobody knows whether the commit happened,
// and the id of a scan is its key. A month without its partition gets one, if the pool knows the owner of the schema: stories are told and
// clocks are set at any time.
func (w *Writer) insert(ctx context.Context, scans []Scan, areNew bool) error {
	ctx, cancel := context.WithTimeout(ctx, insertTimeout)
	defer cancel()
	err := insertScans(ctx, w.pool.Raw(), scans, areNew)
	if err == nil || !postgres.LacksPartition(err) {
		return err
	}
	for _, month := range byMonth(scans) {
		err := w.pool.Global(ctx, func(tx pgx.Tx) error {
			return postgres.RowAt(month[0].At(), insertScans(ctx, tx, month, areNew))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// byMonth parts scans into those that one partition takes.
func byMonth(scans []Scan) map[string][]Scan {
	months := map[string][]Scan{}
	for _, s := range scans {
		month := s.At().Format("200601")
		months[month] = append(months[month], s)
	}
	return months
}

func (w *Writer) keep(scans []Scan) error {
	if err := w.spool.Append(scans...); err != nil {
		w.counters.Lost.Add(int64(len(scans)))
		return fmt.Errorf("%w: %w", ErrNotKept, err)
	}
	return nil
}

// drain empties the spool whenever the database takes scans, from the start of the process on.
func (w *Writer) drain() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		<-w.closing
		cancel()
	}()
	every := time.NewTicker(retryEvery)
	defer every.Stop()
	for {
		w.drainOnce(ctx)
		select {
		case <-w.closing:
			return
		case <-every.C:
		}
	}
}

// drainOnce asks an absent database first, so that scans go straight there again while the spool is still being emptied.
func (w *Writer) drainOnce(ctx context.Context) {
	if w.isAway.Load() {
		asked, cancel := context.WithTimeout(ctx, insertTimeout)
		err := w.pool.Ping(asked)
		cancel()
		if err != nil {
			return
		}
		if w.isAway.Swap(false) {
			w.log.Info("the database takes scans again")
		}
	}
	store := func(scans []Scan) ([]Scan, error) { return w.insertEach(ctx, scans) }
	err := w.spool.DrainLeft(store)
	if !w.spool.IsEmpty() {
		err = errors.Join(err, w.spool.Drain(store))
	}
	if err != nil && ctx.Err() == nil && !w.isAway.Swap(true) {
		w.log.Warn("the spool keeps its scans until the database takes them", "error", err)
	}
}

// insertEach stores all that the database takes. When it refuses a statement for what is in it, the scans are tried one by
// one, so that one which cannot be stored does not keep the others out.
func (w *Writer) insertEach(ctx context.Context, scans []Scan) (refused []Scan, err error) {
	err = w.insert(ctx, scans, false)
	if err == nil || !isRefusedRow(err) {
		return nil, err
	}
	for _, scan := range scans {
		err := w.insert(ctx, []Scan{scan}, false)
		if err != nil && !isRefusedRow(err) {
			return nil, err
		}
		if err != nil {
			w.log.Error("the database refuses a scan; it is set aside", "scan", scan.ID, "brand", scan.Brand, "error", err)
			refused = append(refused, scan)
		}
	}
	return refused, nil
}

// Close stores all that waits, then stops. A scan that comes later goes to the spool, which stays open: close it after the
// last request.
func (w *Writer) Close() {
	w.once.Do(func() { close(w.closing) })
	<-w.stopped
	w.drained.Wait()
}
