using System.Text;
using GrainSensors.Core.Readings;
using GrainSensors.Ingest.Discovery;
using GrainSensors.Storage.Names;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Logging.Abstractions;

namespace GrainSensors.Cluster.Tests.Exactness.Simulation;

/// <summary>The discovered measurements of a simulation, and the table of their names.</summary>
/// <param name="most">The most discovered measurements.</param>
internal sealed class SimulatedMeasurements(StepScheduler scheduler, Random random, Faults faults, int most) : IMeasurementNames
{
    /// <summary>The number of measurements that readings have besides the declared ones.</summary>
    public const int Count = 6;

    private readonly ReadingWriter _writer = new(MeasurementSet.Default);
    private readonly List<string> _names = [];
    private readonly MeasurementCatalog[] _silos = [Catalog(most, "m4", "m1"), Catalog(most, "m0", "m5", "m3")];

    /// <summary>Whether every measurement counts.</summary>
    public bool AreAllTaken => most >= Count;

    public IReadOnlyList<string> Names => _names;

    /// <returns>The values of a reading besides those of declared measurements.</returns>
    public static IEnumerable<(string Name, double Value)> Of(Reading reading) => Enumerable.Range(0, Count)
        .Where(i => ((reading.Timestamp / Schedule.TimeStep * 31) + (reading.Offset * 17) + (i * 7)) % 3 == 0)
        .Select(i => ($"m{i}", (double)((reading.Offset + i) % 50)));

    /// <returns>The discovery of a silo that has just started.</returns>
    public MeasurementDiscovery Open() => new(Catalog(most), this, NullLogger<MeasurementDiscovery>.Instance);

    /// <returns>The catalogue of the silo of a grain. Its numbers are others than those of the loops.</returns>
    public MeasurementCatalog OfGrain() => _silos[random.Next(_silos.Length)];

    /// <summary>Parses a message as the consumer does.</summary>
    /// <returns>Null: all values are left out.</returns>
    public ReadingBatch? Parse(Reading reading, MeasurementCatalog catalog)
    {
        var bytes = new byte[_writer.MaxLength];
        var json = Encoding.UTF8.GetString(bytes, 0, _writer.Write(reading, bytes));
        var others = string.Concat(Of(reading).Select(other => FormattableString.Invariant($",\"{other.Name}\":{other.Value}")));
        var values = new MessageValues { TakesNew = true };
        var reason = new ReadingParser(catalog, new()).Parse(
            Encoding.UTF8.GetBytes($"{json[..^1]}{others}}}"), long.MaxValue / 2, null, values, out var parsed);
        Assert.Equal(RejectReason.None, reason);
        if (values.AreLeftOut)
        {
            return null;
        }

        (parsed.Offset, parsed.HasDeclared) = (reading.Offset, values.HasDeclared);
        var batch = new ReadingBatch { HasDiscovered = true, AwaitsNames = values.AwaitsNames };
        batch.Add(parsed, values.All);
        return batch;
    }

    /// <summary>A database that is restored may lack any of the last names.</summary>
    public void Restore()
    {
        var kept = random.Next(_names.Count + 1);
        _names.RemoveRange(kept, _names.Count - kept);
    }

    public async Task AddAsync(IReadOnlyCollection<string> names, int limit, CancellationToken cancellationToken)
    {
        await WaitAsync();
        foreach (var name in names.Where(name => !_names.Contains(name) && _names.Count < limit).ToList())
        {
            _names.Add(name);
        }

        await WaitAsync();
    }

    public async Task<IReadOnlyList<StoredMeasurement>> ReadAsync(CancellationToken cancellationToken)
    {
        await WaitAsync();
        StoredMeasurement[] read = [.. _names.Select(name => new StoredMeasurement(name, 0))];
        await WaitAsync();
        return read;
    }

    private static MeasurementCatalog Catalog(int most, params string[] known)
    {
        var catalog = new MeasurementCatalog(Schedule.Measurements, new() { Max = most, HasSketches = true });
        Array.ForEach(known, name => catalog.NumberOf(name));
        return catalog;
    }

    private async Task WaitAsync()
    {
        for (var turns = random.Next(4); turns > 0; turns--)
        {
            await scheduler.YieldAsync();
        }

        if (random.NextDouble() < faults.StoreFailure)
        {
            throw new WindowStoreUnavailableException("The simulated store has failed.");
        }
    }
}
