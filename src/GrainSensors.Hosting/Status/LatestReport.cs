namespace GrainSensors.Hosting.Status;

/// <summary>The latest reading of each sensor of a silo, as columns.</summary>
/// <param name="SensorIds">Each id once, unordered.</param>
/// <param name="Timestamps">The event times of the readings, µs since the epoch.</param>
/// <param name="Values">For each sensor the values of all declared measurements, in their order; NaN: no value.</param>
/// <param name="Partitions">The partition of each reading; null: the silo is older and does not report them.</param>
/// <param name="HaveOthers">Whether a reading has values of other measurements; null: the silo is older and does not report it.</param>
[GenerateSerializer, Immutable, Alias("GrainSensors.LatestReport")]
internal sealed record LatestReport(
    [property: Id(0)] int[] SensorIds,
    [property: Id(1)] long[] Timestamps,
    [property: Id(2)] double[] Values,
    [property: Id(3)] int[]? Partitions = null,
    [property: Id(4)] bool[]? HaveOthers = null);
