using System.Buffers.Binary;
using System.Text;
using GrainSensors.Core.Text;

namespace GrainSensors.Core.Alerts;

/// <summary>The id of an alert. It is derived from the readings, so reprocessing yields the same id.</summary>
public static class AlertId
{
    /// <param name="measurement">The name of the measurement; empty for an alert about the sensor itself.</param>
    /// <param name="raisedAt">The time at which the alert was first raised, µs since the epoch.</param>
    public static Guid Of(int sensorId, string measurement, AlertKind kind, long raisedAt)
    {
        Span<byte> parts = stackalloc byte[13 + Encoding.UTF8.GetMaxByteCount(measurement.Length)];
        BinaryPrimitives.WriteInt32BigEndian(parts, sensorId);
        BinaryPrimitives.WriteInt64BigEndian(parts[4..], raisedAt);
        parts[12] = (byte)kind;
        var length = 13 + Encoding.UTF8.GetBytes(measurement, parts[13..]);
        return HashedId.Of(parts[..length]);
    }
}
