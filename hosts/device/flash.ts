export { FlashPartition, type FlashPartitionOptions } from "./flash-partition.js";
