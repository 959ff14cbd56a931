using System.Buffers.Binary;
using System.Text;

namespace GrainSensors.Contacts.Acknowledgement;

/// <summary>What a link in a message is for.</summary>
/// <param name="Id">The alert, or the group of alerts.</param>
/// <param name="Number">How often the alert was raised, or the number of the group's message.</param>
/// <param name="Contact">The contact point that got the message.</param>
/// <param name="ExpiresAt">µs since the epoch.</param>
public sealed record AcknowledgeTicket(bool IsGroup, Guid Id, int Number, string Contact, long ExpiresAt)
{
    private const byte Version = 1;
    private const int FixedBytes = 30;

    public byte[] ToBytes()
    {
        var bytes = new byte[FixedBytes + Encoding.UTF8.GetByteCount(Contact)];
        (bytes[0], bytes[1]) = (Version, (byte)(IsGroup ? 1 : 0));
        Id.TryWriteBytes(bytes.AsSpan(2));
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(18), Number);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(22), ExpiresAt);
        Encoding.UTF8.GetBytes(Contact, bytes.AsSpan(FixedBytes));
        return bytes;
    }

    /// <returns>Null: another version of the program made the link.</returns>
    public static AcknowledgeTicket? FromBytes(ReadOnlySpan<byte> bytes) => bytes.Length <= FixedBytes || bytes[0] != Version ? null : new(
        bytes[1] == 1,
        new(bytes[2..18]),
        BinaryPrimitives.ReadInt32BigEndian(bytes[18..]),
        Encoding.UTF8.GetString(bytes[FixedBytes..]),
        BinaryPrimitives.ReadInt64BigEndian(bytes[22..]));
}
