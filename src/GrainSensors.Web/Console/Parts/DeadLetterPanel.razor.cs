using GrainSensors.Core.Text;
using GrainSensors.Core.Time;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Web.Formatting;
using GrainSensors.Web.Views;
using Microsoft.AspNetCore.Components;

namespace GrainSensors.Web.Console.Parts;

/// <summary>The latest dead letters with their reasons and bytes.</summary>
public partial class DeadLetterPanel : IDisposable
{
    /// <summary>The length of the preview of a message, in characters.</summary>
    private const int PreviewWidth = 48;

    /// <summary>
    /// The reads, with the updates of the cluster, after one whose number of rejected messages has changed: a message counts before Kafka
    /// has its dead letter.
    /// </summary>
    private const int FurtherReads = 5;

    private IReadOnlyList<DeadLetterRecord>? _letters;
    private DeadLetterId? _shown;
    private string? _trouble;
    private bool _isReading;
    private long _rejectedWhenRead = -1;
    private int _furtherReads;
    private IDisposable? _watch;

    [Inject]
    private ClusterView Cluster { get; set; } = null!;

    [Inject]
    private LatestDeadLetters Letters { get; set; } = null!;

    private long Rejected => Cluster.Current?.Status.Silos.Sum(silo => silo.Ingest.Rejected) ?? 0;

    private bool MustRead => Rejected != _rejectedWhenRead || _furtherReads > 0;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        var refresh = new Refresh(work => InvokeAsync(work), () => MustRead ? ReadAsync() : Task.CompletedTask);
        _watch = Cluster.Watch(_ => refresh.Request());
        await ReadAsync();
    }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _watch?.Dispose();
    }

    private async Task ReadAsync()
    {
        if (_isReading)
        {
            return;
        }

        _isReading = true;
        StateHasChanged();
        try
        {
            _furtherReads = Rejected != _rejectedWhenRead ? FurtherReads : Math.Max(0, _furtherReads - 1);
            _rejectedWhenRead = Rejected;
            _letters = await Letters.ReadAsync(CancellationToken.None);
            _trouble = null;
        }
        catch (KafkaUnavailableException e)
        {
            _trouble = e.Message;
        }
        finally
        {
            _isReading = false;
            StateHasChanged();
        }
    }

    private static string State(DeadLetterRecord record) =>
        record.Requeued is { } marker ? $"requeued {DisplayFormat.Time(EpochTime.From(marker.At))}" : "open";

    private static string Preview(DeadLetterMessage letter) =>
        letter.Bytes is null ? "null" : PrintableText.Preview(letter.Bytes, PreviewWidth);
}
