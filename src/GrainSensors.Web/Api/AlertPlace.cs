using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using GrainSensors.Core.Time;
using GrainSensors.Storage.Alerts;

namespace GrainSensors.Web.Api;

/// <summary>The part of an event id about alerts: the position of the stream, and the changes it has sent shortly before.</summary>
/// <remarks>
/// A change can be committed up to <see cref="AlertFeed.Overlap"/> after a change with a later stamp. A resumed stream reads that time
/// again, and the keys identify the changes that the client has received.
/// </remarks>
/// <param name="start">Begin of the stream, µs since the epoch.</param>
internal sealed class AlertPlace(long start)
{
    /// <summary>Limits the length of an id. The changes beyond it are sent again by a resumed stream.</summary>
    private const int MaxKeys = 32;

    /// <summary>48 bits: a collision would suppress a change, and is as likely as 1 in 10¹³.</summary>
    private const int KeyBytes = 6;

    private readonly List<(string Key, long UpdatedAt)> _sent = [];
    private readonly long _start = start;

    /// <summary>The latest stamp of a change that the stream has passed, µs since the epoch.</summary>
    public long Position { get; private set; } = start;

    /// <summary>The earliest change that a resumed stream has to read, µs since the epoch.</summary>
    public long ResumeFrom => Math.Max(_start, Position - AlertFeed.Overlap);

    /// <returns>Whether the client has received a change before now; changes that are sent later do not count.</returns>
    public Predicate<Alert> ReceivedBefore()
    {
        var keys = _sent.Select(sent => sent.Key).ToHashSet();
        return alert => keys.Contains(KeyOf(alert));
    }

    /// <summary>Passes a change that the client does not want.</summary>
    public void Skip(Alert alert) => Position = Math.Max(Position, alert.UpdatedAt);

    /// <summary>Passes a change that the client receives.</summary>
    public void Send(Alert alert)
    {
        Skip(alert);
        _sent.RemoveAll(sent => sent.UpdatedAt < ResumeFrom);
        _sent.Add((KeyOf(alert), alert.UpdatedAt));
        if (_sent.Count > MaxKeys)
        {
            _sent.RemoveAt(0);
        }
    }

    /// <param name="text">An id of an earlier version has the position alone.</param>
    public static AlertPlace? Parse(string text)
    {
        var (place, keys) = text.Split('~') is [var first, .. var rest] ? (first, rest) : ("", []);
        var (position, span) = place.Split('-') is [var p, var s] ? (p, s) : (place, "");
        var overlap = AlertFeed.Overlap;
        if (!TryParseMicros(position, EpochTime.Max - 1, out var at)
            || (span.Length > 0 && !TryParseMicros(span, AlertFeed.Overlap, out overlap))
            || keys.Length > MaxKeys || !keys.All(IsKey))
        {
            return null;
        }

        var parsed = new AlertPlace(at - overlap) { Position = at };
        parsed._sent.AddRange(keys.Select(key => (key, at)));
        return parsed;
    }

    /// <returns>Position, distance to <see cref="ResumeFrom"/> in µs, and keys: <c>1764158112000000-2500000~kQ3x_w8Z</c>.</returns>
    public override string ToString()
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{Position}-{Position - ResumeFrom}");
        foreach (var (key, _) in _sent)
        {
            text.Append('~').Append(key);
        }

        return text.ToString();
    }

    private static bool TryParseMicros(string text, long most, out long micros) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out micros) && micros <= most;

    private static bool IsKey(string text) =>
        text.Length == KeyBytes * 4 / 3 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    private static string KeyOf(Alert alert)
    {
        Span<byte> change = stackalloc byte[24];
        alert.Id.TryWriteBytes(change);
        BinaryPrimitives.WriteInt64LittleEndian(change[16..], alert.UpdatedAt);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(change, hash);
        return Base64Url.EncodeToString(hash[..KeyBytes]);
    }
}
