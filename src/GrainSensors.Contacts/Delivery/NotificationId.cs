using System.Buffers.Binary;
using System.Text;
using GrainSensors.Core.Text;
using GrainSensors.Storage.Contacts;

namespace GrainSensors.Contacts.Delivery;

/// <summary>
/// The id of a notification, and its idempotency key. It follows from the change, so reading a change again yields the same.
/// </summary>
internal static class NotificationId
{
    public static Guid Of(string contact, Guid alertId, int occurrence, NotificationEvent happened)
    {
        var parts = new byte[21 + Encoding.UTF8.GetByteCount(contact)];
        alertId.TryWriteBytes(parts);
        BinaryPrimitives.WriteInt32BigEndian(parts.AsSpan(16), occurrence);
        parts[20] = (byte)happened;
        Encoding.UTF8.GetBytes(contact, parts.AsSpan(21));
        return HashedId.Of(parts);
    }
}
