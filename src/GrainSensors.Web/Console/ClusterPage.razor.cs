using System.Globalization;
using GrainSensors.Contracts.Cluster;
using GrainSensors.Core.Time;
using GrainSensors.Hosting.Status;
using GrainSensors.Web.Console.Parts;
using GrainSensors.Web.Formatting;
using GrainSensors.Web.Views;
using Microsoft.AspNetCore.Components;

namespace GrainSensors.Web.Console;

/// <summary>Silos, partitions, store and Kafka, and the latest dead letters.</summary>
public partial class ClusterPage : IDisposable
{
    private IDisposable? _watch;

    [Inject]
    private ClusterView View { get; set; } = null!;

    private ClusterStatus? Cluster => View.Current?.Status;

    /// <summary>A store may answer and take no writes.</summary>
    private string? StoreTrouble => Cluster!.Silos.Select(silo => silo.PostgresTrouble).FirstOrDefault(trouble => trouble is not null)
        ?? (KafkaTrouble is null ? Cluster.WriteOutage?.Reason : null);

    private string? KafkaTrouble => Cluster!.Silos.Select(silo => silo.KafkaTrouble).FirstOrDefault(trouble => trouble is not null);

    protected override Task OnInitializedAsync() => View.ReadyAsync(CancellationToken.None);

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
        {
            var refresh = new Refresh(work => InvokeAsync(work), () =>
            {
                StateHasChanged();
                return Task.CompletedTask;
            });
            _watch = View.Watch(_ => refresh.Request());
        }
    }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _watch?.Dispose();
    }

    private static string Totals(ClusterStatus cluster) => string.Join(
        ", ",
        $"{DisplayFormat.Plural(cluster.Silos.Sum(silo => silo.Ingest.Readings), "reading")} in windows",
        $"{DisplayFormat.Plural(cluster.Silos.Sum(silo => silo.Ingest.Closed), "window")} closed",
        $"{DisplayFormat.Count(cluster.Silos.Sum(silo => silo.Ingest.Rejected))} rejected",
        $"{DisplayFormat.Count(cluster.Silos.Sum(silo => silo.Ingest.Late))} late",
        DisplayFormat.Plural(cluster.Silos.Sum(silo => silo.Ingest.Rewinds), "rewind"));

    private string Uptime(SiloReport silo) =>
        DisplayFormat.Since(EpochTime.From(new DateTimeOffset(silo.StartedAt)), View.Current!.At);

    private string LagShare(long? lag)
    {
        var total = Cluster!.Partitions.Sum(line => line.Lag ?? 0);
        return string.Create(CultureInfo.InvariantCulture, $"{(total == 0 ? 0 : 100.0 * (lag ?? 0) / total):0}%");
    }

    private static string PartitionsOf(SiloReport silo) => string.Join(
        ' ', silo.Partitions.OrderBy(one => one.SourceTopic, StringComparer.Ordinal).ThenBy(one => one.Partition).Select(one => one.Name));
}
