using GrainSensors.Core.Readings;

namespace GrainSensors.Hosting.Status;

/// <summary>The latest reading of each sensor of a silo, as columns.</summary>
/// <param name="SensorIds">Each id once, unordered.</param>
/// <param name="Timestamps">The event times of the readings, µs since the epoch.</param>
/// <param name="Values">
/// For each sensor the values of all declared measurements, in their order; NaN: no value. Empty if more are declared than older silos
/// know.
/// </param>
/// <param name="Partitions">The partition of each reading; null: the silo is older and does not report them.</param>
/// <param name="HaveOthers">Whether a reading has values of other measurements; null: the silo is older and does not report it.</param>
/// <param name="Measurements">The measurements of the further values; null: the silo is older and does not report them.</param>
/// <param name="Counts">The number of further values of each reading: those that are not in <paramref name="Values"/>.</param>
/// <param name="Places">The place of the measurement of each further value.</param>
/// <param name="Further">The further values of all readings.</param>
/// <param name="SourceTopics">The topic of each reading, if it is that of a source; null: none is.</param>
[GenerateSerializer, Immutable, Alias("GrainSensors.LatestReport")]
internal sealed record LatestReport(
    [property: Id(0)] int[] SensorIds,
    [property: Id(1)] long[] Timestamps,
    [property: Id(2)] double[] Values,
    [property: Id(3)] int[]? Partitions = null,
    [property: Id(4)] bool[]? HaveOthers = null,
    [property: Id(5)] string[]? Measurements = null,
    [property: Id(6)] ushort[]? Counts = null,
    [property: Id(7)] ushort[]? Places = null,
    [property: Id(8)] double[]? Further = null,
    [property: Id(9)] string?[]? SourceTopics = null)
{
    /// <summary>The most declared measurements of older silos.</summary>
    private const int MaxTable = 8;

    public static LatestReport Of((Reading Reading, int Partition, string? SourceTopic)[] latest, MeasurementCatalog catalog)
    {
        var declared = catalog.Declared.Count;
        var width = declared <= MaxTable ? declared : 0;
        var (values, haveOthers, counts) = (new double[latest.Length * width], new bool[latest.Length], new ushort[latest.Length]);
        var (further, places, placeOf) = (new List<double>(), new List<ushort>(), new Dictionary<int, ushort>());
        Array.Fill(values, double.NaN);
        for (var i = 0; i < latest.Length; i++)
        {
            foreach (var (measurement, value) in latest[i].Reading.Values.ToArray())
            {
                haveOthers[i] |= measurement >= declared;
                if (measurement < width)
                {
                    values[(i * width) + measurement] = value;
                    continue;
                }

                placeOf.TryAdd(measurement, (ushort)placeOf.Count);
                further.Add(value);
                places.Add(placeOf[measurement]);
                counts[i]++;
            }
        }

        return new(
            Array.ConvertAll(latest, one => one.Reading.SensorId),
            Array.ConvertAll(latest, one => one.Reading.Timestamp),
            values,
            Array.ConvertAll(latest, one => one.Partition),
            haveOthers,
            [.. placeOf.Keys.Select(catalog.NameOf)],
            counts,
            [.. places],
            [.. further],
            Array.Exists(latest, one => one.SourceTopic is not null) ? Array.ConvertAll(latest, one => one.SourceTopic) : null);
    }
}
