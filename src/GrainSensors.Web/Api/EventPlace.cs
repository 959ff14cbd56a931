using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using GrainSensors.Core.Time;

namespace GrainSensors.Web.Api;

/// <summary>How far somebody who listens has been told: the id of an event, with which he comes back.</summary>
/// <param name="alerts">When the last alert that he was told of had changed, µs since the epoch.</param>
internal sealed class EventPlace(long alerts)
{
    private const int MaxPartitions = 10_000;

    private readonly SortedDictionary<int, long> _windows = [];

    public long Alerts { get; private set; } = alerts;

    /// <summary>By partition of the topic of closed windows, the offset of the next message; empty: not known.</summary>
    public IReadOnlyDictionary<int, long> Windows => _windows;

    public void PassAlert(long updatedAt) => Alerts = Math.Max(Alerts, updatedAt);

    /// <returns>False: he has been told of it.</returns>
    public bool PassWindow(int partition, long offset)
    {
        if (_windows.TryGetValue(partition, out var next) && offset < next)
        {
            return false;
        }

        _windows[partition] = offset + 1;
        return true;
    }

    /// <summary>Nothing before these is told any more.</summary>
    public void PassWindows(IReadOnlyDictionary<int, long> positions)
    {
        foreach (var (partition, offset) in positions)
        {
            _windows[partition] = Math.Max(_windows.GetValueOrDefault(partition), offset);
        }
    }

    public static bool TryParse(string text, [NotNullWhen(true)] out EventPlace? place)
    {
        place = null;
        var (alerts, windows) = text.Split('/') is [var first, .. var rest] && rest.Length <= 1 ? (first, rest is [var second] ? second : "") : ("", "");
        if (!TryParseNumber(alerts, EpochTime.Max - 1, out var at))
        {
            return false;
        }

        var parsed = new EventPlace(at);
        foreach (var part in windows.Split('_', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part.Split('.') is not [var partition, var offset]
                || !TryParseNumber(partition, MaxPartitions, out var number)
                || !TryParseNumber(offset, long.MaxValue - 1, out var next))
            {
                return false;
            }

            parsed._windows[(int)number] = next;
        }

        place = parsed;
        return true;
    }

    /// <returns><c>1764158112000000/0.17_1.25</c>.</returns>
    public override string ToString()
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{Alerts}");
        var separator = '/';
        foreach (var (partition, next) in _windows)
        {
            text.Append(CultureInfo.InvariantCulture, $"{separator}{partition}.{next}");
            separator = '_';
        }

        return text.ToString();
    }

    private static bool TryParseNumber(string text, long most, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= most;
}
