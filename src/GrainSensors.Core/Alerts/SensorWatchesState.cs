using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;

namespace GrainSensors.Core.Alerts;

/// <summary>
/// The bytes of <see cref="SensorWatches"/>: watched measurements by name, the primary one, rules as data, base time, sources,
/// sensors, ids of removed sensors.
/// </summary>
/// <remarks>Times are written as differences from the base time (see <see cref="StateWriter"/>).</remarks>
internal static class SensorWatchesState
{
    /// <param name="over">See <see cref="StateWriter.ToArray"/>.</param>
    public static byte[] Write(
        MeasurementSet measurements,
        List<WatchedSource> sources,
        IReadOnlyCollection<WatchedEntry> sensors,
        IReadOnlyCollection<int> removed,
        byte[]? over)
    {
        var rules = RulesOf(sensors);
        using var writer = new StateWriter { Version = StateFormat.VersionFor(rules) };
        var columns = new StateColumns(
            Marked(sensors, measurements.Count, (watch, marks) => watch.Values.Mark(marks)),
            rules,
            Marked(sensors, measurements.Count, (watch, marks) => watch.Rules.MarkInputs(marks)));
        WriteNames(writer, measurements, columns.Measurements);
        writer.Text(measurements.PrimaryName);
        WriteRules(writer, measurements, columns);

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
        foreach (var entry in sensors)
        {
            writer.Signed(entry.Watch.SensorId);
            writer.Signed(entry.Source);
            entry.Watch.Write(writer, @base, columns);
        }

        writer.Unsigned((ulong)removed.Count);
        foreach (var sensorId in removed)
        {
            writer.Signed(sensorId);
        }

        return writer.ToArray(over);
    }

    /// <param name="sources">Receives the sources. Changes have those of the state before them, and new ones behind these.</param>
    /// <param name="newEntry">Makes the entry of a sensor, in place of one that is there; its content is read into it.</param>
    /// <returns>The sensors that were removed.</returns>
    /// <exception cref="FormatException">The bytes have an unknown version or are cut short.</exception>
    public static int[] Read(
        ReadOnlySpan<byte> bytes, MeasurementSet measurements, List<WatchedSource> sources, Func<int, WatchedEntry> newEntry)
    {
        if (bytes is [not (>= 1 and <= StateFormat.Version) and var version, ..])
        {
            throw new FormatException(
                $"The monitor state has format version {version}; this release reads versions 1 to {StateFormat.Version}. "
                + "Use the release that wrote it.");
        }

        var reader = new StateReader(bytes);
        var (watched, first) = ReadNames(ref reader, measurements);
        var primary = reader.Version < 4 ? first : reader.Text();
        var rules = reader.Version < 5 ? [] : ReadRules(ref reader, measurements);
        var columns = new StateColumns(watched, rules, reader.Version < 6 ? [] : ReadNames(ref reader, measurements).Measurements);

        var @base = reader.Signed();
        var count = (int)reader.Unsigned();
        for (var i = 0; i < count; i++)
        {
            var source = new SourceId(new(reader.Bytes(), bigEndian: true), (int)reader.Unsigned());
            if (i >= sources.Count)
            {
                sources.Add(new(source));
            }
        }

        for (var left = (int)reader.Unsigned(); left > 0; left--)
        {
            var entry = newEntry((int)reader.Signed());
            entry.Source = (int)reader.Signed();
            entry.Watch.Read(ref reader, @base, columns, isPrimaryAsWritten: primary == measurements.PrimaryName);
        }

        var removed = new int[reader.Version < 3 ? 0 : (int)reader.Unsigned()];
        for (var i = 0; i < removed.Length; i++)
        {
            removed[i] = (int)reader.Signed();
        }

        return removed;
    }

    private static void WriteNames(StateWriter writer, MeasurementSet measurements, int[] written)
    {
        writer.Unsigned((ulong)written.Length);
        foreach (var measurement in written)
        {
            writer.Text(measurements[measurement].Name);
        }
    }

    /// <returns>The current indexes, negative for those that are no longer configured, and the first name.</returns>
    private static (int[] Measurements, string First) ReadNames(ref StateReader reader, MeasurementSet measurements)
    {
        var (read, first) = (new int[(int)reader.Unsigned()], "");
        for (var i = 0; i < read.Length; i++)
        {
            var name = reader.Text();
            read[i] = measurements.IndexOf(name);
            first = i == 0 ? name : first;
        }

        return (read, first);
    }

    private static void WriteRules(StateWriter writer, MeasurementSet measurements, StateColumns columns)
    {
        if (columns.Rules.Length == 0)
        {
            return;
        }

        writer.Unsigned((ulong)columns.Rules.Length);
        foreach (var rule in columns.Rules)
        {
            writer.Text(rule.Id);
            writer.Byte((byte)rule.Kind);
            writer.Byte((byte)rule.Level);
            writer.Text(rule.Measurement == AlertChange.WholeSensor ? "" : measurements[rule.Measurement].Name);
        }

        if (writer.Version >= 6)
        {
            WriteNames(writer, measurements, columns.Inputs);
        }
    }

    private static RuleKey[] ReadRules(ref StateReader reader, MeasurementSet measurements)
    {
        var rules = new List<RuleKey>();
        for (var left = reader.Unsigned(); left > 0; left--)
        {
            var id = reader.Text();
            var (kind, level) = ((AlertKind)reader.Byte(), (AlertLevel)reader.Byte());
            var name = reader.Text();
            var measurement = name.Length == 0 ? AlertChange.WholeSensor
                : measurements.IndexOf(name) is >= 0 and var index ? index
                : RuleKey.NotConfigured;
            rules.Add(new(id, kind, measurement, level));
        }

        return [.. rules];
    }

    /// <returns>The rules as data by which a sensor has a watch that has seen something.</returns>
    private static RuleKey[] RulesOf(IReadOnlyCollection<WatchedEntry> sensors)
    {
        var rules = new SortedDictionary<string, RuleKey>(StringComparer.Ordinal);
        foreach (var entry in sensors)
        {
            entry.Watch.Rules.AddTo(rules);
        }

        return [.. rules.Values];
    }

    /// <param name="mark">Marks the measurements of a sensor.</param>
    /// <returns>The measurements that any sensor marks.</returns>
    private static int[] Marked(IReadOnlyCollection<WatchedEntry> sensors, int measurements, Action<SensorWatch, bool[]> mark)
    {
        var isMarked = new bool[MeasurementSet.MaxCount];
        foreach (var entry in sensors)
        {
            mark(entry.Watch, isMarked);
        }

        var columns = new List<int>();
        for (var i = 0; i < measurements; i++)
        {
            if (isMarked[i])
            {
                columns.Add(i);
            }
        }

        return [.. columns];
    }

    /// <summary>The time of the newest reading of the sensors, µs since the epoch; 0 if there is none.</summary>
    private static long BaseTime(IReadOnlyCollection<WatchedEntry> sensors) => sensors.Count == 0
        ? 0
        : sensors.Max(entry => entry.Watch.LastReadingAt == SensorWatch.Never ? 0 : entry.Watch.LastReadingAt);
}
