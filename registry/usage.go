package registry

// Usage is what a store takes, and what there is for it.
type Usage struct {
	Used  int64 `json:"used"`  // bytes of what is stored
	Files int   `json:"files"` // in which it lies
	Free  int64 `json:"free"`  // bytes that may still be stored
	Total int64 `json:"total"` // bytes of the file system
}
