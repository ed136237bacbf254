package io.filereplication.cli;

import picocli.CommandLine.ITypeConverter;

/** Sizes as arguments. */
final class SizeConverter implements ITypeConverter<Long> {
    SizeConverter() {}

    @Override
    public Long convert(String value) {
        return Amounts.bytes(value);
    }
}
