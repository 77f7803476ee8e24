package local

import (
	"net/http"
	"strconv"
)

// Types of the details in an error of a Google API.
const (
	typeFCMError   = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
	typeBadRequest = "type.googleapis.com/google.rpc.BadRequest"
)

// refusal is an error in the shape of Google's APIs.
type refusal struct {
	httpStatus int
	status     string // google.rpc.Code: INVALID_ARGUMENT
	errorCode  string // of FCM: UNREGISTERED; empty when the request never got as far as FCM
	message    string
	field      string // path of the wrong field: message.android.ttl
	retryAfter int    // seconds; 0: not said
}

var (
	refuseUnregistered = &refusal{httpStatus: http.StatusNotFound, status: "NOT_FOUND", errorCode: "UNREGISTERED", message: "Requested entity was not found."}
	refuseQuota        = &refusal{httpStatus: http.StatusTooManyRequests, status: "RESOURCE_EXHAUSTED", errorCode: "QUOTA_EXCEEDED", message: "Quota exceeded for this project.", retryAfter: RetryAfterSeconds}
	refuseUnavailable  = &refusal{httpStatus: http.StatusServiceUnavailable, status: "UNAVAILABLE", errorCode: "UNAVAILABLE", message: "The service is currently unavailable."}
	refuseInternal     = &refusal{httpStatus: http.StatusInternalServerError, status: "INTERNAL", errorCode: "INTERNAL", message: "Internal error encountered."}
)

// invalid refuses a field of the request.
func invalid(field, message string) *refusal {
	return &refusal{httpStatus: http.StatusBadRequest, status: "INVALID_ARGUMENT", errorCode: "INVALID_ARGUMENT", message: message, field: field}
}

// write answers with the refusal as Google's APIs do.
func (r *refusal) write(w http.ResponseWriter) {
	details := []map[string]any{}
	if r.errorCode != "" {
		details = append(details, map[string]any{"@type": typeFCMError, "errorCode": r.errorCode})
	}
	if r.field != "" {
		violation := map[string]string{"field": r.field, "description": r.message}
		details = append(details, map[string]any{"@type": typeBadRequest, "fieldViolations": []any{violation}})
	}
	if r.retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(r.retryAfter))
	}
	writeJSON(w, r.httpStatus, map[string]any{"error": map[string]any{
		"code": r.httpStatus, "message": r.message, "status": r.status, "details": details,
	}})
}
