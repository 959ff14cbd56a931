using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using GrainSensors.Storage.Contacts;

namespace GrainSensors.Contacts.Delivery;

/// <summary>
/// The id of a notification, and its idempotency key. It follows from the change, so reading a change again yields the same.
/// </summary>
internal static class NotificationId
{
    /// <returns>A UUID of version 8 (RFC 9562): the first bits of a SHA-256 of the parts.</returns>
    public static Guid Of(string contact, Guid alertId, int occurrence, NotificationEvent happened)
    {
        var parts = new byte[21 + Encoding.UTF8.GetByteCount(contact)];
        alertId.TryWriteBytes(parts);
        BinaryPrimitives.WriteInt32BigEndian(parts.AsSpan(16), occurrence);
        parts[20] = (byte)happened;
        Encoding.UTF8.GetBytes(contact, parts.AsSpan(21));
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(parts, hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new(hash[..16], bigEndian: true);
    }
}
