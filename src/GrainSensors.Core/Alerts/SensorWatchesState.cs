using GrainSensors.Core.Readings;

namespace GrainSensors.Core.Alerts;

/// <summary>The bytes of <see cref="SensorWatches"/>: measurements by name, base time, sources, sensors.</summary>
/// <remarks>Times are written as differences from the base time (see <see cref="StateWriter"/>).</remarks>
internal static class SensorWatchesState
{
    /// <param name="over">See <see cref="StateWriter.ToArray"/>.</param>
    public static byte[] Write(
        MeasurementSet measurements, List<WatchedSource> sources, Dictionary<int, WatchedEntry> sensors, byte[]? over)
    {
        using var writer = new StateWriter();
        writer.Unsigned((ulong)measurements.Count);
        foreach (var measurement in measurements.All)
        {
            writer.Text(measurement.Name);
        }

        var @base = BaseTime(sensors);
        writer.Signed(@base);
        writer.Unsigned((ulong)sources.Count);
        Span<byte> topic = stackalloc byte[16];
        foreach (var source in sources)
        {
            source.Id.TopicId.TryWriteBytes(topic, bigEndian: true, out _);
            writer.Bytes(topic);
            writer.Unsigned((ulong)source.Id.Partition);
        }

        writer.Unsigned((ulong)sensors.Count);
        foreach (var (sensorId, entry) in sensors)
        {
            writer.Signed(sensorId);
            writer.Signed(entry.Source);
            entry.Watch.Write(writer, @base);
        }

        return writer.ToArray(over);
    }

    /// <param name="sources">Receives the sources.</param>
    /// <param name="entryOf">Adds the entry of a sensor; its content is read into it.</param>
    /// <exception cref="FormatException">The bytes have an unknown version or are cut short.</exception>
    public static void Read(
        ReadOnlySpan<byte> bytes, MeasurementSet measurements, List<WatchedSource> sources, Func<int, WatchedEntry> entryOf)
    {
        if (bytes is [not (1 or StateFormat.Version) and var version, ..])
        {
            throw new FormatException(
                $"The monitor state has format version {version}; this release reads versions 1 to {StateFormat.Version}. "
                + "Use the release that wrote it.");
        }

        var reader = new StateReader(bytes);
        var columns = new int[(int)reader.Unsigned()];
        for (var i = 0; i < columns.Length; i++)
        {
            columns[i] = measurements.IndexOf(reader.Text());
        }

        var @base = reader.Signed();
        for (var left = (int)reader.Unsigned(); left > 0; left--)
        {
            sources.Add(new(new(new(reader.Bytes(), bigEndian: true), (int)reader.Unsigned())));
        }

        for (var left = (int)reader.Unsigned(); left > 0; left--)
        {
            var entry = entryOf((int)reader.Signed());
            entry.Source = (int)reader.Signed();
            entry.Watch.Read(ref reader, @base, columns);
        }
    }

    /// <summary>The time of the newest reading of all sensors, µs since the epoch; 0 if there is none.</summary>
    private static long BaseTime(Dictionary<int, WatchedEntry> sensors) => sensors.Count == 0
        ? 0
        : sensors.Values.Max(entry => entry.Watch.LastReadingAt == SensorWatch.Never ? 0 : entry.Watch.LastReadingAt);
}
