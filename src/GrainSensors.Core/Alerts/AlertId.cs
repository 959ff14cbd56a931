using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace GrainSensors.Core.Alerts;

/// <summary>The id of an alert. It is derived from the readings, so reprocessing yields the same id.</summary>
public static class AlertId
{
    /// <param name="measurement">The name of the measurement; empty for an alert about the sensor itself.</param>
    /// <param name="raisedAt">The time at which the alert was first raised, µs since the epoch.</param>
    /// <param name="rule">The id of the rule; empty for a built-in one.</param>
    /// <returns>A UUID of version 8 (RFC 9562): the first bits of a SHA-256 of the parts.</returns>
    public static Guid Of(int sensorId, string measurement, AlertKind kind, long raisedAt, string rule = "")
    {
        Span<byte> parts = stackalloc byte[14 + Encoding.UTF8.GetMaxByteCount(measurement.Length + rule.Length)];
        BinaryPrimitives.WriteInt32BigEndian(parts, sensorId);
        BinaryPrimitives.WriteInt64BigEndian(parts[4..], raisedAt);
        parts[12] = (byte)kind;
        var length = 13 + Encoding.UTF8.GetBytes(measurement, parts[13..]);
        if (rule.Length > 0)
        {
            parts[length++] = 0;
            length += Encoding.UTF8.GetBytes(rule, parts[length..]);
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(parts[..length], hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new(hash[..16], bigEndian: true);
    }
}
