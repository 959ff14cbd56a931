using CsCheck;
using SchemaRegistry.Serialization.Internals.Framing;

namespace SchemaRegistry.Serialization.Tests;

/// <summary>The header of messages.</summary>
public sealed class FramingTests
{
    [Fact]
    public void A_message_starts_with_zero_and_the_id_big_endian() =>
        Assert.Equal([0, 0, 1, 2, 3, 9], SchemaFrame.ToMessage(0x010203, [9]));

    [Theory]
    [InlineData(new byte[0], "at least 5 bytes; got 0")]
    [InlineData(new byte[] { 0, 0, 0, 1 }, "at least 5 bytes; got 4")]
    [InlineData(new byte[] { 1, 0, 0, 0, 1 }, "starts with the byte 0; got 1")]
    [InlineData(new byte[] { (byte)'{', (byte)'"', 0, 0, 1 }, "starts with the byte 0; got 123")]
    [InlineData(new byte[] { 0, 0xFF, 0, 0, 1 }, "at least 0; got -")]
    public void Other_bytes_are_refused(byte[] message, string reason) =>
        Assert.Contains(reason, Assert.Throws<SchemaFormatException>(() => SchemaFrame.Parse(message)).Message, StringComparison.Ordinal);

    [Fact]
    public void The_first_type_is_a_single_zero() => Assert.Equal([0], MessageIndexes.ToBytes([0]));

    [Fact]
    public void Indexes_are_zigzag_varints_with_their_number_first()
    {
        Assert.Equal([2, 2], MessageIndexes.ToBytes([1]));
        Assert.Equal([4, 0, 0x80 | 0x48, 1], MessageIndexes.ToBytes([0, 100]));
        Assert.Equal([0], MessageIndexes.Read(new(1, new byte[] { 2, 0 })).Indexes);
    }

    [Fact]
    public void Indexes_are_read_as_they_were_written() => Gen.Int[0, int.MaxValue].List[1, MessageIndexes.MaxDepth].Sample(indexes =>
    {
        var (read, payload) = MessageIndexes.Read(new(1, (byte[])[.. MessageIndexes.ToBytes(indexes), 7]));
        return read.SequenceEqual(indexes) && payload.Span.SequenceEqual<byte>([7]);
    });

    [Theory]
    [InlineData(new byte[0], "ends within it")]
    [InlineData(new byte[] { 4, 2 }, "ends within it")]
    [InlineData(new byte[] { 0x80 }, "ends within it")]
    [InlineData(new byte[] { 0xFE, 0xFF, 0xFF, 0xFF, 0x0F }, "from 0 to 64; got 2147483647")]
    [InlineData(new byte[] { 1 }, "from 0 to 64; got -1")]
    [InlineData(new byte[] { 2, 1 }, "at least 0; got -1")]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF }, "too long")]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0x7F }, "too large")]
    public void Hostile_index_lists_are_refused(byte[] bytes, string reason)
    {
        var error = Assert.Throws<SchemaFormatException>(() => MessageIndexes.Read(new(7, bytes)));

        Assert.Equal(7, error.SchemaId);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Arbitrary_bytes_are_read_or_refused() => Gen.Byte.Array[0, 400].Sample(bytes =>
    {
        try
        {
            MessageIndexes.Read(SchemaFrame.Parse(bytes));
        }
        catch (SchemaFormatException)
        {
            // The only exception that a reader of messages expects.
        }
    });
}
