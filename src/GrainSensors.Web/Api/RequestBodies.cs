using System.Collections.Concurrent;
using GrainSensors.Hosting.Configuration;
using Microsoft.AspNetCore.Http;

namespace GrainSensors.Web.Api;

/// <summary>Reads whole request bodies into memory, of which all requests together use a limited amount.</summary>
/// <remarks>
/// A body counts with the memory that it occupies, so a client that only announces a large body takes nothing. The blocks are kept for
/// the next bodies: arrays that grow would leave garbage of several times their size.
/// </remarks>
internal sealed class RequestBodies(AccessRules rules)
{
    private const int BlockBytes = 64 * 1024;

    /// <summary>The seconds after which other requests may have ended.</summary>
    private const int RetryAfter = 1;

    private readonly ConcurrentBag<byte[]> _free = [];
    private long _used;

    /// <returns>The body in one piece.</returns>
    /// <exception cref="ApiException">The requests of the silo use all memory for bodies, or the encoding is unknown.</exception>
    /// <exception cref="BadHttpRequestException">The body is too large, too slow or cut off.</exception>
    public async Task<byte[]> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        // Decompression removes the header of the encodings that it knows.
        if (request.Headers.ContentEncoding.ToString() is { Length: > 0 } encoding and not "identity")
        {
            // The answer to an exception drops headers that were set before.
            var response = request.HttpContext.Response;
            response.OnStarting(() =>
            {
                response.Headers.AcceptEncoding = "gzip, br, deflate";
                return Task.CompletedTask;
            });
            throw new ApiException(
                StatusCodes.Status415UnsupportedMediaType,
                $"Content-Encoding must be gzip, br or deflate; got \"{ApiQuery.Quote(encoding)}\".");
        }

        var blocks = new List<byte[]>();
        try
        {
            var length = 0;
            while (true)
            {
                var used = length % BlockBytes;
                if (used == 0)
                {
                    blocks.Add(Take());
                }

                var count = await request.Body.ReadAsync(blocks[^1].AsMemory(used), cancellationToken);
                if (count == 0)
                {
                    return Join(blocks, length);
                }

                length += count;
            }
        }
        catch (InvalidDataException)
        {
            throw ApiQuery.Bad("The body cannot be decompressed; check Content-Encoding.");
        }
        finally
        {
            blocks.ForEach(Return);
        }
    }

    private static byte[] Join(List<byte[]> blocks, int length)
    {
        var body = GC.AllocateUninitializedArray<byte>(length);
        for (var start = 0; start < length; start += BlockBytes)
        {
            blocks[start / BlockBytes].AsSpan(0, Math.Min(BlockBytes, length - start)).CopyTo(body.AsSpan(start));
        }

        return body;
    }

    private byte[] Take()
    {
        if (Interlocked.Add(ref _used, BlockBytes) <= rules.Limits.MaxBufferedBytes)
        {
            return _free.TryTake(out var free) ? free : GC.AllocateUninitializedArray<byte>(BlockBytes);
        }

        Interlocked.Add(ref _used, -BlockBytes);
        throw new ApiException(
            StatusCodes.Status429TooManyRequests,
            "The silo reads too many large requests at once. Nothing was stored; repeat the request later.")
        {
            RetryAfter = RetryAfter,
        };
    }

    private void Return(byte[] block)
    {
        _free.Add(block);
        Interlocked.Add(ref _used, -BlockBytes);
    }
}
