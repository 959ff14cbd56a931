using System.Text.Json;
using GrainSensors.Core.Readings;
using Microsoft.AspNetCore.Http;

namespace GrainSensors.Web.Api;

/// <summary>Splits a body into its items. Each item keeps its bytes, so that Kafka receives exactly what the client sent.</summary>
internal static class JsonItems
{
    /// <summary>An array adds one level of nesting to its items.</summary>
    private static readonly JsonReaderOptions Strict = new() { MaxDepth = ReadingParser.MaxDepth + 1 };

    private static readonly JsonReaderOptions StrictLines = Strict with { AllowMultipleValues = true };

    /// <param name="utf8">An array, or a single value. A byte order mark before it belongs to no item.</param>
    /// <param name="areLines">The body is a sequence of values instead, usually one on each line (NDJSON).</param>
    /// <param name="most">Largest accepted number of items.</param>
    /// <returns>The position of each item.</returns>
    /// <exception cref="ApiException">The body is not JSON, or has too many items.</exception>
    public static List<Range> Split(ReadOnlySpan<byte> utf8, bool areLines, int most)
    {
        var items = new List<Range>();
        var start = utf8.StartsWith("\uFEFF"u8) ? "\uFEFF"u8.Length : 0;
        var reader = new Utf8JsonReader(utf8[start..], areLines ? StrictLines : Strict);
        try
        {
            if (!areLines && reader.Read() && reader.TokenType != JsonTokenType.StartArray)
            {
                return [start..];
            }

            while (reader.Read() && (areLines || reader.TokenType != JsonTokenType.EndArray))
            {
                var item = start + (int)reader.TokenStartIndex;
                reader.Skip();
                items.Add(item..(start + (int)reader.BytesConsumed));
                if (items.Count > most)
                {
                    throw new ApiException(
                        StatusCodes.Status413PayloadTooLarge,
                        $"A request must have at most {most} readings; send the rest in further requests.");
                }
            }

            while (reader.Read())
            {
                // The reader throws if anything follows the array.
            }
        }
        catch (JsonException e)
        {
            throw ApiQuery.Bad($"The body is not valid JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.");
        }

        return items;
    }
}
