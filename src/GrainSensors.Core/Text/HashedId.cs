using System.Security.Cryptography;

namespace GrainSensors.Core.Text;

/// <summary>Ids that follow from what they identify.</summary>
public static class HashedId
{
    /// <returns>A UUID of version 8 (RFC 9562): the first bits of a SHA-256 of the parts.</returns>
    public static Guid Of(ReadOnlySpan<byte> parts)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(parts, hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new(hash[..16], bigEndian: true);
    }
}
