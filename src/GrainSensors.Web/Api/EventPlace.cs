using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace GrainSensors.Web.Api;

/// <summary>The position of an event stream. It is the id of each event, with which a client resumes the stream.</summary>
internal sealed class EventPlace(AlertPlace alerts)
{
    private const int MaxPartitions = 10_000;

    private readonly SortedDictionary<int, long> _windows = [];

    /// <param name="start">Begin of the stream, µs since the epoch.</param>
    public EventPlace(long start)
        : this(new AlertPlace(start))
    {
    }

    public AlertPlace Alerts => alerts;

    /// <summary>The offset of the next message of the topic of closed windows, by partition; empty: unknown.</summary>
    public IReadOnlyDictionary<int, long> Windows => _windows;

    /// <returns>False: the stream has passed the window before.</returns>
    public bool PassWindow(int partition, long offset)
    {
        if (_windows.TryGetValue(partition, out var next) && offset < next)
        {
            return false;
        }

        _windows[partition] = offset + 1;
        return true;
    }

    /// <summary>Passes all windows before the positions.</summary>
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
        var (alerts, windows) = text.Split('/') switch
        {
            [var first] => (first, ""),
            [var first, var second] => (first, second),
            _ => ("", ""),
        };
        if (AlertPlace.Parse(alerts) is not { } parsedAlerts)
        {
            return false;
        }

        var parsed = new EventPlace(parsedAlerts);
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

    /// <returns>The alerts' part, and partitions with offsets: <c>1764158112000000-2500000~kQ3x_w8Z/0.17_1.25</c>.</returns>
    public override string ToString()
    {
        var text = new StringBuilder().Append(alerts);
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
