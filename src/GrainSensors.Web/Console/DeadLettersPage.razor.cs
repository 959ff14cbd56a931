using System.Globalization;
using System.Text;
using GrainSensors.Core.Text;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Web.Changes;
using GrainSensors.Web.Console.Parts;
using GrainSensors.Web.DeadLetters;
using GrainSensors.Web.Formatting;
using Microsoft.AspNetCore.Components;

namespace GrainSensors.Web.Console;

/// <summary>The dead letters with filters; an administrator corrects and requeues them here.</summary>
/// <remarks>Rows stay as they are until the person wants to see new ones: a read takes longer with more dead letters.</remarks>
public partial class DeadLettersPage
{
    private const int Most = 100;
    private const int MaxBars = 60;
    private const string Open = "open";

    private static readonly string[] States = [Open, "requeued", "all"];

    /// <summary>The first one is the default.</summary>
    private static readonly (string Name, string Text, TimeSpan? Length)[] Ranges =
    [
        ("24h", "Last 24 hours", TimeSpan.FromHours(24)),
        ("1h", "Last hour", TimeSpan.FromHours(1)),
        ("7d", "Last 7 days", TimeSpan.FromDays(7)),
        ("30d", "Last 30 days", TimeSpan.FromDays(30)),
        ("all", "All", null),
    ];

    private readonly HashSet<DeadLetterId> _chosen = [];
    private DeadLetterFilter _filter = new();
    private DeadLetterList? _list;
    private DeadLetterRecord? _shown;

    /// <summary>What was not requeued, because the pipeline would reject messages again.</summary>
    private RequeueOrder? _refused;

    /// <summary>Why the address of the page is invalid.</summary>
    private string? _invalid;
    private (string?, string?, string?, string?) _address;
    private bool _mustRead = true;
    private long _rejectedWhenRead;
    private long _news;
    private ElementReference _heading;
    private TextEditor? _editor;

    [SupplyParameterFromQuery]
    public string? Reason { get; set; }

    /// <summary>A topic, and a partition and an offset of it.</summary>
    [SupplyParameterFromQuery]
    public string? Source { get; set; }

    [SupplyParameterFromQuery]
    public string? Range { get; set; }

    [SupplyParameterFromQuery]
    public string? State { get; set; }

    protected override string Policy => DeadLetterBook.Policy;

    [Inject]
    private DeadLetterBook Book { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    [Inject]
    private TimeProvider Time { get; set; } = null!;

    private string SelectedRange => Range ?? Ranges[0].Name;

    private string SelectedState => State ?? Open;

    private long Rejected => Cluster.Current?.Status.Silos.Sum(silo => silo.Ingest.Rejected) ?? 0;

    private string Found => Done ?? (_list is not { } list ? ""
        : list.Total > list.Latest.Count ? $"Latest {list.Latest.Count} of {DisplayFormat.Plural(list.Total, "message")}"
        : DisplayFormat.Plural(list.Total, "message"));

    protected override async Task OnParametersSetAsync()
    {
        var address = (Reason, Source, Range, State);
        if (_address != address)
        {
            (_address, _mustRead, _shown, Done, Refusal) = (address, true, null, null, null);
            _chosen.Clear();
            await LoadAsync();
        }
    }

    protected override async Task ReadAsync()
    {
        _address = (Reason, Source, Range, State);
        _news = Math.Max(0, Rejected - _rejectedWhenRead);
        if (!_mustRead || !RendererInfo.IsInteractive)
        {
            return;
        }

        _invalid = Invalid();
        if (_invalid is not null)
        {
            _list = null;
            return;
        }

        (_mustRead, _rejectedWhenRead, _news) = (false, Rejected, 0);
        var isRequeued = SelectedState == "all" ? (bool?)null : SelectedState != Open;
        _list = await Book.ListAsync(_filter, isRequeued, Most, CancellationToken.None);
        _chosen.IntersectWith(_list.Latest.Where(letter => letter.Requeued is null).Select(letter => letter.Id));
    }

    /// <summary>Reads the address of the page.</summary>
    /// <returns>What is wrong with it; null: nothing.</returns>
    private string? Invalid()
    {
        var range = Array.Find(Ranges, range => range.Name == SelectedRange);
        if (range.Name is null)
        {
            return $"range must be one of {string.Join(", ", Ranges.Select(known => known.Name))}; got \"{Quote(SelectedRange)}\".";
        }

        if (!States.Contains(SelectedState))
        {
            return $"state must be one of {string.Join(", ", States)}; got \"{Quote(SelectedState)}\".";
        }

        if (Reason is not null && !DeadLetterMessage.Reasons.Contains(Reason))
        {
            return $"reason must be one of {string.Join(", ", DeadLetterMessage.Reasons)}; got \"{Quote(Reason)}\".";
        }

        var filter = new DeadLetterFilter
        {
            Reasons = Reason is null ? null : new HashSet<string> { Reason },
            From = range.Length is { } length ? Time.GetUtcNow() - length : null,
        };
        if ((string.IsNullOrEmpty(Source) ? filter : filter.WithSource(Source.Trim())) is not { } valid)
        {
            return $"source must be TOPIC, TOPIC:PARTITION or TOPIC:PARTITION:OFFSET; got \"{Quote(Source!)}\".";
        }

        _filter = valid;
        return null;
    }

    private void Go(string parameter, ChangeEventArgs change)
    {
        var value = change.Value as string;
        var isDefault = string.IsNullOrEmpty(value)
            || (parameter == nameof(Range) && value == Ranges[0].Name)
            || (parameter == nameof(State) && value == Open);
#pragma warning disable CA1308 // The names of query parameters are in lower case.
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameter(parameter.ToLowerInvariant(), isDefault ? null : value));
#pragma warning restore CA1308
    }

    private Task RefreshAsync()
    {
        (_mustRead, Done, Refusal) = (true, null, null);
        return LoadAsync();
    }

    private void Choose(DeadLetterId id, ChangeEventArgs change)
    {
        _ = change.Value is true ? _chosen.Add(id) : _chosen.Remove(id);
    }

    private async Task ShowAsync(DeadLetterId id)
    {
        if (_shown?.Message.Id == id)
        {
            _shown = null;
            return;
        }

        try
        {
            _shown = await Book.FindAsync(id, CancellationToken.None);
            Refusal = _shown is null ? $"The dead letter {id} is no longer in Kafka." : null;
        }
        catch (KafkaUnavailableException e)
        {
            Refusal = e.Message;
        }
    }

    /// <param name="editor">Has the corrected message; null: the messages stay as they are.</param>
    private async Task RequeueAsync(RequeueOrder order, TextEditor? editor = null)
    {
        _refused = null;
        _mustRead = true;
        var isDone = await ChangeAsync(async () =>
        {
            if (editor is not null)
            {
                var text = await editor.ReadAsync();
                order = order with { Edit = new(order.Filter.Ids!.First(), Encoding.UTF8.GetBytes(text)) };
            }

            try
            {
                return TextOf(await Book.RequeueAsync(Actor, order, CancellationToken.None));
            }
            catch (ChangeRefusedException e) when (e.Reason == ChangeRefusal.RejectedAgain)
            {
                _refused = order;
                throw;
            }
        });
        if (isDone)
        {
            _shown = null;
            Focus(() => _heading);
        }
    }

    private static RequeueOrder OrderOf(IEnumerable<DeadLetterId> ids) => new(new() { Ids = ids.ToHashSet() });

    private static string TextOf(RequeueReport report)
    {
        var text = new StringBuilder($"{DisplayFormat.Plural(report.Requeued, "message")} requeued");
        foreach (var (count, what) in new[]
        {
            (report.RejectedAgain, "will be rejected again"),
            (report.AlreadyRequeued, "requeued before"),
            (report.NotPossible, "cannot be requeued"),
            (report.Failed, "failed"),
        })
        {
            text.Append(count > 0 ? $", {DisplayFormat.Count(count)} {what}" : "");
        }

        return text.Append(report.Stopped is { } why ? $". It stopped early: {why}. Requeue the rest again." : ".").ToString();
    }

    private static string TextOf(DeadLetterMessage letter) =>
        letter.Bytes is { } bytes && PrintableText.Plain(bytes) is { } text ? text : "";

    private static string Quote(string text) => PrintableText.Escape(text.Length <= MaxBars ? text : $"{text[..MaxBars]}…");

    /// <returns>The numbers of dead letters by hour, or by day or more days if there were too many bars, without gaps.</returns>
    private static List<(string Text, string Height)> Bars(IReadOnlyList<DeadLetterCount> counts)
    {
        var (first, last) = (counts[0].Hour, counts[^1].Hour);
        var step = TimeSpan.FromHours(1);
        if (last - first >= MaxBars * step)
        {
            step = TimeSpan.FromDays(Math.Ceiling((last - first).TotalDays / MaxBars));
            first = first.Date;
        }

        var sums = new long[(int)((last - first) / step) + 1];
        foreach (var count in counts)
        {
            sums[(int)((count.Hour - first) / step)] += count.Count;
        }

        return [.. sums.Select((sum, index) => (
            string.Create(CultureInfo.InvariantCulture, $"{first + (index * step):yyyy-MM-dd HH:mm} UTC: {sum}"),
            string.Create(CultureInfo.InvariantCulture, $"{100.0 * sum / sums.Max():0.#}%")))];
    }
}
