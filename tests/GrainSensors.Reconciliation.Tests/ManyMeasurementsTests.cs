using System.Globalization;
using System.Text;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Reconciliation;

namespace GrainSensors.Reconciliation.Tests;

/// <summary>Forty declared measurements.</summary>
[Trait("Category", "System")]
public sealed class ManyMeasurementsTests
{
    private const int Count = 40;

    [Fact]
    public async Task Windows_of_every_declared_measurement_are_recomputed_and_an_invalid_value_of_any_rejects_its_message()
    {
        await using var log = await ReconciledLog.StartAsync();
        var measurements = Enumerable.Range(0, Count).Select(i => new Measurement($"m{i}", 0, 1000)).ToList();
        await ProduceAsync(log, Enumerable.Range(0, Count).Select(i => $"\"m{i}\":{i}"));
        await ProduceAsync(log, Enumerable.Range(0, Count).Where(i => i % 3 == 0).Select(i => $"\"m{i}\":{i + 2}"));

        // Measurements 2 and 34 have the same bit of 32: a good value of one does not make up for a bad one of the other.
        await ProduceAsync(log, ["\"m34\":-5", "\"m2\":5"]);
        await log.ProduceDeadLetterAsync(Json(["\"m34\":-5", "\"m2\":5"]), "invalid-value", 2);
        var rows = Enumerable.Range(0, Count).Select(i => new WindowRow(
            new(7, $"m{i}", ReconciledLog.Period, ReconciledLog.Start),
            (i % 3 == 0 ? [i, i == 39 ? 0 : i + 2] : new double[] { i })
                .Aggregate(default(RunningStatistics), (all, value) => all.Add(value)),
            Marks.Empty.Raise(log.Source(), 1), 5, 0, true));
        await log.Store.WriteAsync(rows.Writes(), TestContext.Current.CancellationToken);
        await log.CheckpointAsync(3);

        var result = await log.RunAsync(request => new(request.Period, request.From, request.To, null, measurements)
        {
            Earliest = request.Earliest,
            MaxAhead = request.MaxAhead,
            Grace = request.Grace,
            DryRun = true,
        });

        Assert.Equal(
            [(FindingKind.Differing, "m39")],
            result.Findings.Select(finding => (finding.Kind, finding.Key?.Measurement)));
    }

    private static byte[] Json(IEnumerable<string> members) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"{{\"sensor_id\":7,\"timestamp\":{ReconciledLog.Start / EpochTime.MicrosPerSecond},{string.Join(',', members)}}}"));

    private static Task<long> ProduceAsync(ReconciledLog log, IEnumerable<string> members) => log.ProduceAsync(Json(members));
}
