#ifndef TRIPOINT_OPS_OPERATORS_H
#define TRIPOINT_OPS_OPERATORS_H

#include <cstdint>

// Tripoint's own operators as LibTorch calls them: arguments and results are words on `stack`. What
// they throw, LibTorch hands to its caller.
namespace tripoint::ops {

void batch_hard_raw_cpu(uint64_t* stack, uint64_t arguments, uint64_t results);
void batch_hard_raw_meta(uint64_t* stack, uint64_t arguments, uint64_t results);
void batch_hard(uint64_t* stack, uint64_t arguments, uint64_t results);

void batch_all_raw_cpu(uint64_t* stack, uint64_t arguments, uint64_t results);
void batch_all_raw_meta(uint64_t* stack, uint64_t arguments, uint64_t results);
void batch_all(uint64_t* stack, uint64_t arguments, uint64_t results);

void batch_easy_hard_cpu(uint64_t* stack, uint64_t arguments, uint64_t results);
void batch_easy_hard_meta(uint64_t* stack, uint64_t arguments, uint64_t results);

void nt_xent_raw_cpu(uint64_t* stack, uint64_t arguments, uint64_t results);
void nt_xent_raw_meta(uint64_t* stack, uint64_t arguments, uint64_t results);
void nt_xent(uint64_t* stack, uint64_t arguments, uint64_t results);

void sup_con_raw_cpu(uint64_t* stack, uint64_t arguments, uint64_t results);
void sup_con_raw_meta(uint64_t* stack, uint64_t arguments, uint64_t results);
void sup_con(uint64_t* stack, uint64_t arguments, uint64_t results);

void contrastive_raw_cpu(uint64_t* stack, uint64_t arguments, uint64_t results);
void contrastive_raw_meta(uint64_t* stack, uint64_t arguments, uint64_t results);
void contrastive(uint64_t* stack, uint64_t arguments, uint64_t results);

void multiple_negatives_raw_cpu(uint64_t* stack, uint64_t arguments, uint64_t results);
void multiple_negatives_raw_meta(uint64_t* stack, uint64_t arguments, uint64_t results);
void multiple_negatives(uint64_t* stack, uint64_t arguments, uint64_t results);

void triplet_margin_raw_cpu(uint64_t* stack, uint64_t arguments, uint64_t results);
void triplet_margin_raw_meta(uint64_t* stack, uint64_t arguments, uint64_t results);
void triplet_margin(uint64_t* stack, uint64_t arguments, uint64_t results);

void triplet_margin_miner_cpu(uint64_t* stack, uint64_t arguments, uint64_t results);

void multi_similarity_miner_cpu(uint64_t* stack, uint64_t arguments, uint64_t results);

void pair_margin_miner_cpu(uint64_t* stack, uint64_t arguments, uint64_t results);

void hard_negatives_cpu(uint64_t* stack, uint64_t arguments, uint64_t results);

void top_k_cpu(uint64_t* stack, uint64_t arguments, uint64_t results);
void top_k_meta(uint64_t* stack, uint64_t arguments, uint64_t results);

}  // namespace tripoint::ops

#endif
